// The rules of the house as functions: a file in, complaints out, each of the
// form "path:line: what is wrong". tidy_test runs them over the tree, and
// rules_test proves on planted faults that each of them bites.

#ifndef STREAMHUB_TESTS_TIDY_RULES_H_
#define STREAMHUB_TESTS_TIDY_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/exceptions.h"
#include "tests/tidy/source_text.h"

namespace streamhub::tidy {

using Complaints = std::vector<std::string>;

// Ours in "" from the root of the tree, and only from layers below.
Complaints CheckIncludeDirection(const SourceFile& file);

// Boost only in transport, dialect and server, and in feeds that do I/O.
Complaints CheckBoost(const SourceFile& file, Exceptions may);

// Atomics, locks and threads only in the files that are doors between threads.
Complaints CheckSharedMemory(const SourceFile& file, Exceptions may);

// A header's guard is its path, and its first line begins its page.
Complaints CheckHeaderGuard(const SourceFile& file);
Complaints CheckHeaderPage(const SourceFile& file);

// No `using namespace` in headers.
Complaints CheckUsingNamespace(const SourceFile& file);

// 80 columns, counted in code points. A comment's lone URL may be longer.
Complaints CheckColumns(const SourceFile& file);

// 400 lines.
Complaints CheckLength(const SourceFile& file, Exceptions may);

// No test is switched off, and one that skips itself says why.
Complaints CheckSkips(const SourceFile& file);

// Tests and product wait for events, not for a time to pass.
Complaints CheckSleeps(const SourceFile& file, Exceptions may);

// Nothing left for later, and no path of somebody's machine; in any text file.
Complaints CheckLeftovers(const SourceFile& file);
Complaints CheckMachinePaths(const SourceFile& file);

// The header is named in a HEADERS list of `cmake`, its folder's
// CMakeLists.txt: then it is in a header set and is proven to compile alone.
Complaints CheckHeaderSet(const SourceFile& header, const SourceFile& cmake);

// Locked npm packages come from the public registry.
Complaints CheckLockFile(const SourceFile& file);

}  // namespace streamhub::tidy

#endif  // STREAMHUB_TESTS_TIDY_RULES_H_
