#include "tests/allocations/allocation_count.h"

#include <absl/debugging/symbolize.h>
#include <absl/strings/str_join.h>
#include <cxxabi.h>
#include <execinfo.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/check.h"
#include "tests/allocations/known_sites.h"

// Sanitizers have allocators of their own.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define STREAMHUB_COUNTS_ALLOCATIONS
#endif

namespace streamhub {
namespace {

constexpr int kDepthMax = 48;
constexpr int kSitesMax = 64;

struct Site {
  std::array<void*, kDepthMax> frames;
  int depth;
  int64_t count;
};

// Of the count at hand. Nothing here may allocate.
std::atomic<bool> counting{false};
std::atomic<int64_t> count{0};
thread_local bool left_out = false;
std::mutex sites_mutex;
std::array<Site, kSitesMax> sites;  // under sites_mutex
int sites_used = 0;                 // under sites_mutex

#ifdef STREAMHUB_COUNTS_ALLOCATIONS
void Count() {
  if (!counting.load(std::memory_order_relaxed) || left_out) return;
  count.fetch_add(1, std::memory_order_relaxed);
  Site here{};
  here.depth = backtrace(here.frames.data(), kDepthMax);
  const std::lock_guard lock(sites_mutex);
  for (Site& site : std::span(sites).first(static_cast<size_t>(sites_used))) {
    if (site.depth == here.depth && site.frames == here.frames) {
      ++site.count;
      return;
    }
  }
  if (sites_used == kSitesMax) return;
  here.count = 1;
  sites[static_cast<size_t>(sites_used++)] = here;
}
#endif

void Erase(std::string_view what, std::string* text) {
  for (size_t at; (at = text->find(what)) != text->npos;) {
    text->erase(at, what.size());
  }
}

std::string NameOf(void* frame) {
  std::array<char, 512> name;
  // What is returned to may be the next function's already.
  auto* const call = static_cast<char*>(frame) - 1;
  if (!absl::Symbolize(call, name.data(), static_cast<int>(name.size()))) {
    return "?";
  }
  std::string text = name.data();
  // Abseil does not know the marks of functions that return a new string.
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(name.data(), nullptr, nullptr, &status), &std::free);
  if (status == 0) text = demangled.get();
  Erase("streamhub::", &text);
  Erase("(anonymous namespace)::", &text);
  text.erase(std::min(text.find('('), text.size()));
  return text;
}

// What the libraries do in between says nothing.
bool IsClutter(std::string_view name) {
  constexpr auto kClutter = std::to_array<std::string_view>(
      {"std::", "__gnu_cxx::", "absl::", "boost::", "operator new", "Count",
       "malloc", "calloc", "realloc", "aligned_alloc", "memalign",
       "posix_memalign", "?"});
  return name.empty() ||
         std::any_of(kClutter.begin(), kClutter.end(),
                     [&](std::string_view c) { return name.starts_with(c); });
}

// The innermost first.
std::vector<std::string> CallsOf(const Site& site) {
  std::vector<std::string> calls;
  for (int i = 0; i < site.depth; ++i) {
    std::string name = NameOf(site.frames[static_cast<size_t>(i)]);
    if (name.starts_with("testing::")) break;
    if (!IsClutter(name)) calls.push_back(std::move(name));
  }
  return calls;
}

bool IsKnown(const std::vector<std::string>& calls) {
  return std::any_of(
      kKnownSites.begin(), kKnownSites.end(), [&](const KnownSite& known) {
        const auto found =
            std::find(calls.begin(), calls.end(), known.function);
        return found != calls.end() &&
               (!known.innermost || found == calls.begin());
      });
}

}  // namespace

#ifdef STREAMHUB_COUNTS_ALLOCATIONS
const bool kAllocationsAreCounted = true;
#else
const bool kAllocationsAreCounted = false;
#endif

void BeginAllocationCount(CountedThreads threads) {
  // Its first call loads a library.
  std::array<void*, 1> frame;
  STREAMHUB_CHECK(backtrace(frame.data(), 1) == 1);
  STREAMHUB_CHECK(!counting.load());
  count = 0;
  sites_used = 0;
  left_out = threads == CountedThreads::kOthers;
  counting = true;
}

AllocationCount EndAllocationCount() {
  counting = false;
  left_out = false;
  AllocationCount counted;
  counted.count = count;
  const std::lock_guard lock(sites_mutex);
  const auto used = std::span(sites).first(static_cast<size_t>(sites_used));
  std::sort(used.begin(), used.end(),
            [](const Site& a, const Site& b) { return a.count > b.count; });
  for (const Site& site : used) {
    const std::vector<std::string> calls = CallsOf(site);
    counted.sites +=
        "  " + std::to_string(site.count) + " x " + absl::StrJoin(calls, " < ");
    if (IsKnown(calls)) {
      counted.sites += " (allowed)";
      counted.count -= site.count;
      counted.allowed += site.count;
    }
    counted.sites += '\n';
  }
  return counted;
}

}  // namespace streamhub

#ifdef STREAMHUB_COUNTS_ALLOCATIONS
// In front of the library's: new, Asio's aligned memory and everybody's malloc
// end here.
extern "C" {
void* __libc_malloc(size_t size) noexcept;
void* __libc_calloc(size_t count, size_t size) noexcept;
void* __libc_realloc(void* memory, size_t size) noexcept;
void* __libc_memalign(size_t align, size_t size) noexcept;

void* malloc(size_t size) noexcept {
  streamhub::Count();
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) noexcept {
  streamhub::Count();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) noexcept {
  streamhub::Count();
  return __libc_realloc(memory, size);
}
void* aligned_alloc(size_t align, size_t size) noexcept {
  streamhub::Count();
  return __libc_memalign(align, size);
}
void* memalign(size_t align, size_t size) noexcept {
  streamhub::Count();
  return __libc_memalign(align, size);
}
int posix_memalign(void** memory, size_t align, size_t size) noexcept {
  streamhub::Count();
  *memory = __libc_memalign(align, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}  // extern "C"
#endif
