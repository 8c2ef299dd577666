# The package of Debian 12: `deploy/package.sh`, or `cpack -G DEB` in a build
# folder of the release preset. It holds what `cmake --install` puts below a
# prefix, at /usr, and what only a machine's own installation has: the unit,
# /etc/streamhub, a manual page. Those are of the component `debian`, which
# `cmake --install` leaves out.

set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/streamhub.service
        DESTINATION /lib/systemd/system
        COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${debian}/streamhub.toml
        DESTINATION /etc/streamhub
        PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ
        COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES ${debian}/copyright
        DESTINATION ${CMAKE_INSTALL_DOCDIR}
        COMPONENT debian EXCLUDE_FROM_ALL)

# Debian wants these compressed, and nothing else compresses them.
find_program(GZIP gzip)
if(GZIP)
  foreach(pair streamhub.1:streamhub.1.gz changelog:changelog.Debian.gz)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 from)
    list(GET pair 1 to)
    configure_file(${debian}/${from}.in
                   ${PROJECT_BINARY_DIR}/debian/${from} @ONLY)
    execute_process(
      COMMAND ${GZIP} -9nc ${PROJECT_BINARY_DIR}/debian/${from}
      OUTPUT_FILE ${PROJECT_BINARY_DIR}/debian/${to} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  install(FILES ${PROJECT_BINARY_DIR}/debian/streamhub.1.gz
          DESTINATION share/man/man1
          COMPONENT debian EXCLUDE_FROM_ALL)
  install(FILES ${PROJECT_BINARY_DIR}/debian/changelog.Debian.gz
          DESTINATION ${CMAKE_INSTALL_DOCDIR}
          COMPONENT debian EXCLUDE_FROM_ALL)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME streamhub)
set(CPACK_PACKAGE_VENDOR StreamHub)
set(CPACK_PACKAGE_CONTACT "StreamHub maintainers <maintainers@streamhub.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "streams market prices to browsers")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "StreamHub takes the ticks of a feed into a cache and sends each browser what\nit has not seen yet, at the rate that it can take, over the transport that\nfits it best: WebSocket, server-sent events, HTTP streaming or long polling.\nIt also plays, records and inspects recordings of market data."
)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Zones of trading days and recordings; libraries are added by their use.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, tzdata")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx | haproxy | caddy, prometheus")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${debian}/conffiles ${debian}/postinst ${debian}/prerm ${debian}/postrm)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_COMPONENTS_ALL runtime debian)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
include(CPack)
