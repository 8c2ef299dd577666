// Messages inside of scripts: what long polling by script elements and the
// hidden frame send. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_CODEC_SCRIPT_H_
#define STREAMHUB_GATEWAY_CODEC_SCRIPT_H_

#include <string>
#include <string_view>

namespace streamhub {

// Whether `name` may be called by a script that we write: identifiers of
// letters, digits, '_' and '$' (ECMA-262, 12.7, of ASCII) with '.' between
// them, 64 bytes at most.
bool IsCallbackName(std::string_view name);

// `callback([...]);` with the objects of `lines`, one JSON object per line,
// whose every line may end in '\n'. The comment in front keeps the callback's
// name from being the first bytes of a file of another type.
std::string CallbackScript(std::string_view callback, std::string_view lines);

// Appends `text`, UTF-8, as the inside of a string literal between single
// quotes, in a script that stands in HTML.
void AppendScriptText(std::string_view text, std::string* out);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_SCRIPT_H_
