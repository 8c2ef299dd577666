#!/usr/bin/env bash
# monitoring_test.sh DEPLOY SCRATCH
#
# Asks promtool, where it is, whether the alerts are well-formed and do what
# their tests say, and whether every expression of the dashboard can be parsed.
# Exit status 77: there is no promtool. That the metrics exist is for
# MonitoringTest of command_line_test to say.
set -euo pipefail
deploy=$1 scratch=$2
command -v promtool >/dev/null || { echo 'skipped: no promtool'; exit 77; }
(cd "$deploy/prometheus" && promtool check rules alerts.yml &&
  promtool test rules alerts_test.yml)

# An expression of the dashboard is a line `"expr": "..."` of JSON. As rules of a
# file promtool parses them all at once.
mkdir -p "$scratch"
rules=$scratch/dashboard.yml
{
  printf 'groups:\n  - name: dashboard\n    rules:\n'
  sed -n 's/^ *"expr": \(".*"\),\{0,1\}$/\1/p' "$deploy/grafana/streamhub.json" |
    sed 's/\$__rate_interval/1m/g; s/\$instance/.*/g' |
    awk '{ printf "      - {record: \"panel:%d\", expr: %s}\n", NR, $0 }'
} >"$rules"
(($(grep -c record "$rules") >= 20)) || { echo 'no expressions'; exit 1; }
promtool check rules "$rules"
