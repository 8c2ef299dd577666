#include "gateway/server/admin_route.h"

#include "gateway/base/json_text.h"

namespace streamhub {

AdminAnswer AdminError(int status, std::string_view reason) {
  AdminAnswer answer;
  answer.status = status;
  answer.body = "{\"error\":";
  AppendString(reason, &answer.body);
  answer.body += "}\n";
  return answer;
}

}  // namespace streamhub
