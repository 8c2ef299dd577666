# A StreamHub gateway in a container: two stages, a user without rights, and of
# Debian 12 nothing but the libraries that the program needs.
#
#   docker build -t streamhub .
#   docker run -p 8080:8080 --stop-timeout 30 streamhub
#   docker run -p 8080:8080 -v ./streamhub.toml:/etc/streamhub/streamhub.toml:ro streamhub
#
# The admin port is reached from inside only, unless STREAMHUB_ADMIN_LISTEN says
# otherwise. SIGTERM moves the clients elsewhere: give it more time than
# drain_ms before it is killed (--stop-timeout).

FROM debian:bookworm-slim AS build
WORKDIR /src
# First what changes seldom: layers above stay as long as this does.
COPY deploy/packages.txt deploy/setup.sh deploy/
RUN deploy/setup.sh build package && rm -rf /var/lib/apt/lists/*
COPY . .
RUN deploy/package.sh /package >/dev/null

FROM debian:bookworm-slim
COPY --from=build /package/ /tmp/package/
# The libraries are what the package says it needs. Shells and apt stay: this is
# Debian, and patched as such.
RUN apt-get update \
  && apt-get install -y --no-install-recommends /tmp/package/*.deb \
  && rm -rf /var/lib/apt/lists/* /tmp/package /usr/share/doc/streamhub
# By number, so that an orchestrator sees that it is not root.
RUN usermod -u 10001 streamhub && groupmod -g 10001 streamhub \
  && chown -R 10001:10001 /var/lib/streamhub /var/log/streamhub \
  && chgrp -R 10001 /etc/streamhub
USER 10001:10001
WORKDIR /var/lib/streamhub
ENV STREAMHUB_CONFIG=/etc/streamhub/streamhub.toml \
  STREAMHUB_LISTEN=0.0.0.0
EXPOSE 8080 8081
STOPSIGNAL SIGTERM
# Alive, not fed: a feed that is down is no reason to kill who says so.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD \
  ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8081 && printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && timeout 2 head -n 1 <&3 | grep -q ' 200 '"]
ENTRYPOINT ["/usr/bin/streamhub"]
CMD ["serve"]
