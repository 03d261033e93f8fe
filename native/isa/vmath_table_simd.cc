#include "isa/vmath_table.impl.h"
