#include "core/marks.h"

#include <mutex>

namespace saraf {

namespace {
std::mutex mutex;
KernelMark* head = nullptr;
}  // namespace

void list_mark(KernelMark* mark) {
  std::lock_guard<std::mutex> lock(mutex);
  if (mark->listed) return;
  mark->listed = true;
  mark->next = head;
  head = mark;
}

KernelMark* first_mark() {
  std::lock_guard<std::mutex> lock(mutex);
  return head;
}

void reset_marks() {
  std::lock_guard<std::mutex> lock(mutex);
  for (KernelMark* m = head; m; m = m->next) m->calls = 0;
}

}  // namespace saraf
