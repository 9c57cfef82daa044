// Memory of a process that works for a moment and ends.
#pragma once

namespace tenantlint {

// Call first in main(). Tells the C library's allocator, which libpg_query uses, to keep what it
// has: the memory of one parse is that of the next. (C++'s own is replaced; see memory.cpp.)
void prepare_memory();

}  // namespace tenantlint
