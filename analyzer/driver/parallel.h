// A fixed number of parsing threads with deep stacks.
#pragma once

#include <cstddef>
#include <functional>

namespace tenantlint {

// Calls work(i) for each i < count, on `jobs` threads that may use the parser, and consume(i), in
// order, on the calling thread as soon as i is done. With one job, both alternate on one thread.
void parse_in_order(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work,
                    const std::function<void(std::size_t)>& consume);

}  // namespace tenantlint
