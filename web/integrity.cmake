# Writes the copies of the client that never change, and what a page says to
# take these very bytes (Subresource Integrity):
# cmake -DROOT=FOLDER -DVERSION=1.2.3 -P integrity.cmake

set(digits "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
set(files "")
foreach(name streamhub.js streamhub.global.js streamhub-fb.js)
  string(REGEX REPLACE "^([a-z-]+)" "\\1-${VERSION}" copy ${name})
  configure_file(${ROOT}/${name} ${ROOT}/${copy} COPYONLY)
  file(SHA384 ${ROOT}/${name} hash)
  # Base64: of 3 hexadecimal digits, 12 bits, come 2 of its digits.
  set(integrity "sha384-")
  foreach(at RANGE 0 93 3)
    string(SUBSTRING ${hash} ${at} 3 part)
    math(EXPR high "0x${part} >> 6")
    math(EXPR low "0x${part} & 63")
    string(SUBSTRING ${digits} ${high} 1 high)
    string(SUBSTRING ${digits} ${low} 1 low)
    string(APPEND integrity ${high}${low})
  endforeach()
  message(STATUS "${copy} ${integrity}")
  list(APPEND files "    \"${copy}\": \"${integrity}\"")
endforeach()
list(JOIN files ",\n" files)
file(WRITE ${ROOT}/streamhub.json
     "{\n  \"version\": \"${VERSION}\",\n  \"files\": {\n${files}\n  }\n}\n")
