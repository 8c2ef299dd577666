# What `cmake --install` puts where: two components, `runtime` (the program,
# its pages, the documents) and `development` (what it takes to embed the
# gateway: find_package(streamhub), link streamhub::gateway).

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

add_library(streamhub_gateway INTERFACE)
target_link_libraries(streamhub_gateway INTERFACE streamhub_server)
add_library(streamhub::gateway ALIAS streamhub_gateway)

# Sets `result` to ours among what `target` links, and what those link.
function(streamhub_linked target result)
  set(all ${target})
  get_target_property(links ${target} INTERFACE_LINK_LIBRARIES)
  list(FILTER links INCLUDE REGEX "^streamhub_")
  foreach(link IN LISTS links)
    streamhub_linked(${link} deeper)
    list(APPEND all ${deeper})
  endforeach()
  list(REMOVE_DUPLICATES all)
  set(${result} ${all} PARENT_SCOPE)
endfunction()

# All headers of these libraries, though most who embed need two: a library is
# exported with its whole header set or not at all, and a list of the two and
# what they include would be wrong as soon as one of them includes another.
streamhub_linked(streamhub_gateway libraries)
foreach(library IN LISTS libraries)
  string(REGEX REPLACE "^streamhub_" "" short ${library})
  set_target_properties(${library} PROPERTIES EXPORT_NAME ${short})
  set(headers)
  get_target_property(has_headers ${library} INTERFACE_HEADER_SETS)
  if(has_headers)
    set(headers FILE_SET HEADERS DESTINATION
                ${CMAKE_INSTALL_INCLUDEDIR}/streamhub COMPONENT development)
  endif()
  install(
    TARGETS ${library}
    EXPORT streamhub
    ARCHIVE COMPONENT development ${headers})
endforeach()

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/streamhub)
install(
  EXPORT streamhub
  NAMESPACE streamhub::
  DESTINATION ${package}
  FILE streamhubTargets.cmake
  COMPONENT development)
# `share`, whatever GNUInstallDirs says: the program looks there for its pages.
set(streamhub_web_root share/streamhub/web)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/streamhubConfig.cmake.in
  ${PROJECT_BINARY_DIR}/streamhubConfig.cmake
  INSTALL_DESTINATION ${package}
  PATH_VARS streamhub_web_root)
# Before 1.0 a minor version may change what a program is compiled against.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/streamhubConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/streamhubConfig.cmake
        ${PROJECT_BINARY_DIR}/streamhubConfigVersion.cmake
  DESTINATION ${package}
  COMPONENT development)

# As they lie in the tree, so that the links from page to page hold.
install(FILES LICENSE README.md ARCHITECTURE.md CHANGELOG.md CONTRIBUTING.md
              Dockerfile
        DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY deploy/proxies deploy/prometheus deploy/grafana deploy/sysctl
                  deploy/systemd
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/deploy)
install(FILES web/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/web)
install(FILES bench/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/bench)
install(DIRECTORY bench/recorded DESTINATION ${CMAKE_INSTALL_DOCDIR}/bench)
install(FILES bench/instructions/recorded.txt
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/bench/instructions)
# Who reads the binary encoding needs the schema, in whatever language.
install(FILES schemas/README.md schemas/client.fbs schemas/tick.fbs
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/schemas)
install(DIRECTORY deploy/samples DESTINATION share/streamhub)
