#include "gateway/base/audit.h"

#include <string>

#include "gateway/base/log.h"

namespace streamhub {

void Audit(std::string_view what,
           std::initializer_list<std::pair<std::string_view, std::string_view>>
               details) {
  std::string line = BeginJsonLine(LogLevel::kInfo);
  line += ",\"audit\":";
  AppendAnyBytes(what, &line);
  for (const auto& [name, value] : details) {
    line += ',';
    AppendAnyBytes(name, &line);
    line += ':';
    AppendAnyBytes(value, &line);
  }
  EndJsonLine(&line);
  WriteLogLine(line);
}

}  // namespace streamhub
