// What a C++ library needs to be a contender: it answers the questions of child-program.ts, a line of JSON each, and keeps
// the clock as measure.ts does.
#pragma once
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "json.h"

namespace peer {

typedef std::vector<float> Floats;

/** Thrown for what the library cannot do. */
struct Unavailable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/** The work that is timed, and what came out of it once, in Keras' layouts. */
struct Job {
  std::function<void()> run;
  std::map<std::string, Floats> outputs;
  std::string note;
};

struct Library {
  std::function<std::string(int threads)> load;
  std::function<Job(const std::string& suite, const Json& inputs)> prepare;
};

inline Floats floats(const Json& stored) {
  std::ifstream in(stored["file"].text(), std::ios::binary | std::ios::ate);
  if (!in) throw std::runtime_error("cannot read " + stored["file"].text());
  Floats values(static_cast<size_t>(in.tellg()) / sizeof(float));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(float));
  return values;
}

inline double milliseconds() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/** Calls until the time is up; the fastest of them. */
inline double fastest_call(const Job& job, double duration) {
  const double until = milliseconds() + duration;
  double fastest = std::numeric_limits<double>::infinity();
  for (int calls = 0; calls == 0 || (milliseconds() < until && calls < 1000); ++calls) {
    const double start = milliseconds();
    job.run();
    fastest = std::min(fastest, milliseconds() - start);
  }
  return fastest;
}

/** The fastest of several ways to do the same: a contender runs at its best known settings. */
inline Job best_of(std::vector<Job> jobs) {
  size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  // In two turns, so that whoever begins does not pay for cold threads.
  for (int turn = 0; turn < 2; ++turn) {
    for (size_t i = 0; i < jobs.size(); ++i) {
      const double ms = fastest_call(jobs[i], 40);
      if (ms < least) least = ms, best = i;
    }
  }
  return std::move(jobs[best]);
}

inline std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

inline double cpu_ms(const rusage& usage) {
  const auto ms = [](const timeval& t) { return t.tv_sec * 1e3 + t.tv_usec / 1e3; };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

inline std::string sampled(const Job& job, const Json& request) {
  rusage before, after;
  getrusage(RUSAGE_SELF, &before);
  const double started = milliseconds(), budget = request["budgetMs"].number();
  const double fastest = fastest_call(job, request["warmUpMs"].number());
  std::vector<double> times;
  // A call that fills the budget alone has been timed by its warm-up.
  if (fastest > budget) times.push_back(fastest);
  const int calls = std::max(1, static_cast<int>(std::ceil(request["repetitionMs"].number() / std::max(fastest, 1e-6))));
  const size_t wanted = static_cast<size_t>(request["repetitions"].number());
  while (fastest <= budget && times.size() < wanted && (times.empty() || milliseconds() - started < budget)) {
    const double start = milliseconds();
    for (int i = 0; i < calls; ++i) job.run();
    times.push_back((milliseconds() - start) / calls);
  }
  getrusage(RUSAGE_SELF, &after);
  std::string list;
  for (double t : times) list += (list.empty() ? "" : ",") + std::to_string(t);
  return "{\"times\":[" + list + "],\"cpuMs\":" + std::to_string(cpu_ms(after) - cpu_ms(before)) +
         ",\"peakBytes\":" + std::to_string(after.ru_maxrss * 1024) + "}";
}

inline std::string prepared(const Job& job, const std::string& folder) {
  std::string list;
  for (const auto& [name, values] : job.outputs) {
    const std::string file = folder + "/" + name + ".out";
    std::ofstream(file, std::ios::binary).write(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    list += (list.empty() ? "" : ",") + quoted(name) + ":{\"file\":" + quoted(file) + ",\"dtype\":\"float32\"}";
  }
  return "{\"outputs\":{" + list + "},\"note\":" + quoted(job.note) + "}";
}

inline std::string answer(const Library& library, Job& job, const std::string& line) {
  try {
    const Json question = Json::parse(line);
    if (const Json& load = question["load"]; !load.is_null())
      return "{\"version\":" + quoted(library.load(static_cast<int>(load["threads"].number()))) + "}";
    if (const Json& prepare = question["prepare"]; !prepare.is_null()) {
      job = library.prepare(prepare["suite"].text(), prepare["inputs"]);
      return prepared(job, prepare["folder"].text());
    }
    if (!job.run) throw std::runtime_error("expected to be prepared before being timed");
    return sampled(job, question["sample"]);
  } catch (const Unavailable& error) {
    return std::string("{\"unavailable\":") + quoted(error.what()) + "}";
  } catch (const std::exception& error) {
    return std::string("{\"failed\":") + quoted(error.what()) + "}";
  }
}

/** Answers until nobody asks any more. */
inline int serve(const Library& library) {
  Job job;
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(library, job, line) << std::endl;
  return 0;
}

}  // namespace peer
