// Threads for the parser: pthreads, because std::thread has no say over the size of its stack.
#include "analyzer/driver/parallel.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "analyzer/sql/lower.h"

namespace tenantlint {

namespace {

struct Pool {
  std::size_t count;
  const std::function<void(std::size_t)>& work;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<bool> done;
};

void* run(void* argument) {
  Pool& pool = *static_cast<Pool*>(argument);
  sql::prepare_parser_thread();
  for (std::size_t i = pool.next++; i < pool.count; i = pool.next++) {
    pool.work(i);
    const std::lock_guard lock(pool.mutex);
    pool.done[i] = true;
    pool.changed.notify_one();
  }
  return nullptr;
}

// One thread for both, but with the parser's stack.
struct Single {
  std::size_t count;
  const std::function<void(std::size_t)>& work;
  const std::function<void(std::size_t)>& consume;
};
void* run_single(void* argument) {
  const Single& single = *static_cast<Single*>(argument);
  sql::prepare_parser_thread();
  for (std::size_t i = 0; i < single.count; ++i) {
    single.work(i);
    single.consume(i);
  }
  return nullptr;
}

class StackAttributes {
 public:
  StackAttributes() {
    pthread_attr_init(&attributes_);
    pthread_attr_setstacksize(&attributes_, sql::kParserStack);
  }
  ~StackAttributes() { pthread_attr_destroy(&attributes_); }
  StackAttributes(const StackAttributes&) = delete;
  StackAttributes& operator=(const StackAttributes&) = delete;
  const pthread_attr_t* get() const { return &attributes_; }

 private:
  pthread_attr_t attributes_;
};

}  // namespace

void parse_in_order(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work,
                    const std::function<void(std::size_t)>& consume) {
  const StackAttributes attributes;
  jobs = std::clamp<unsigned>(jobs, 1, static_cast<unsigned>(std::max<std::size_t>(count, 1)));
  if (jobs == 1) {
    Single single{count, work, consume};
    pthread_t thread{};
    if (pthread_create(&thread, attributes.get(), run_single, &single) == 0) {
      pthread_join(thread, nullptr);
    } else {
      run_single(&single);
    }
    return;
  }
  // Dynamic SQL is parsed while it is replayed, on this thread.
  sql::prepare_parser_thread();
  Pool pool{count, work, {}, {}, {}, std::vector<bool>(count, false)};
  std::vector<pthread_t> threads;
  for (unsigned i = 0; i < jobs; ++i) {
    pthread_t thread{};
    if (pthread_create(&thread, attributes.get(), run, &pool) == 0) threads.push_back(thread);
  }
  // Without any thread the work is done here.
  if (threads.empty()) run(&pool);
  for (std::size_t i = 0; i < count; ++i) {
    {
      std::unique_lock lock(pool.mutex);
      pool.changed.wait(lock, [&] { return pool.done[i]; });
    }
    consume(i);
  }
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

}  // namespace tenantlint
