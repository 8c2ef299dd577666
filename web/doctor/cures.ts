// The lines that cure what the doctor finds, as in deploy/proxies. The one
// table of the page; gateway/cli/doctor_findings.cc has the same.

import type {Code} from './facts';

export interface Cure {
  readonly codes: readonly Code[];
  readonly title: string;
  readonly lines: Readonly<Record<'nginx'|'HAProxy'|'Caddy', string>>;
}

export const cures: readonly Cure[] = [
  {
    codes: ['upgrade_refused', 'upgrade_silent', 'deaf'],
    title: 'Let WebSockets through',
    lines: {
      nginx: `# in http { }:
map $http_upgrade $streamhub_connection { default upgrade; '' ''; }
# in location / { }:
proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $streamhub_connection;
proxy_set_header Host $http_host;`,
      HAProxy: `mode http  # passes upgrades; delete no Upgrade or Connection header
timeout tunnel 60s`,
      Caddy: 'reverse_proxy 127.0.0.1:8080  # passes WebSockets by itself',
    },
  },
  {
    codes: ['host_changed'],
    title: 'Pass the Host header on',
    lines: {
      nginx: 'proxy_set_header Host $http_host;',
      HAProxy: '# no `http-request set-header Host`',
      Caddy: '# no `header_up Host`',
    },
  },
  {
    codes: ['buffered', 'silent'],
    title: 'Pass each message on at once',
    lines: {
      nginx: `proxy_buffering off;
gzip off;
proxy_http_version 1.1;`,
      HAProxy: 'option http-no-delay  # and no `option http-buffer-response`',
      Caddy: `reverse_proxy 127.0.0.1:8080 {
\tflush_interval -1
}
# and no \`encode\`: it gathers what it compresses`,
    },
  },
  {
    codes: ['cut', 'idle_cut'],
    title: 'Let connections live',
    lines: {
      nginx: `proxy_read_timeout 60s;
send_timeout 60s;`,
      HAProxy: `timeout client 60s
timeout server 60s
timeout tunnel 60s`,
      Caddy: `# no \`timeouts { write ... }\` of the server, in reverse_proxy no
# \`stream_timeout\`, and in its transport http no \`read_timeout\``,
    },
  },
  {
    codes: ['compressed'],
    title: 'Do not compress',
    lines: {
      nginx: `gzip off;
proxy_set_header Accept-Encoding '';`,
      HAProxy: '# no `compression algo` or `filter compression`',
      Caddy: `# no \`encode\`
reverse_proxy 127.0.0.1:8080 {
\ttransport http {
\t\tcompression off
\t}
}`,
    },
  },
  {
    codes: ['type_changed', 'cache_changed'],
    title: 'Leave the headers as they are',
    lines: {
      nginx: '# no `proxy_hide_header`, `add_header` or `expires` for /v1/',
      HAProxy: '# no `http-response set-header`, `replace-header` or ' +
          '`del-header` of them',
      Caddy: '# no `header` or `header_down` for /v1/',
    },
  },
];
