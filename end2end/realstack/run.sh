#!/usr/bin/env bash
# Landfall against real control planes: a kube-apiserver with its controllers, Argo CD, a registry and Image Updater, all on
# loopback.
#   run.sh [playwright arguments]
# Needs LANDFALL_BIN, LANDFALL_SITE, LANDFALL_E2E_PORT and DATABASE_URL; `cargo xtask e2e --real` sets them.
# REALSTACK_UPDATER names an argocd-image-updater; without one lib/updater.py does what the real one was recorded doing.
# REALSTACK_KEEP=1 leaves everything running for a look around.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${LANDFALL_BIN:?}" "${LANDFALL_E2E_PORT:?}" "${DATABASE_URL:?}"
export REALSTACK_RUN=${REALSTACK_RUN:-$(mktemp -d "${TMPDIR:-/tmp}/landfall-realstack.XXXXXX")}
export REALSTACK_PORT=${REALSTACK_PORT:-26300} REALSTACK_RESYNC=${REALSTACK_RESYNC:-10s} REALSTACK_UPDATER_INTERVAL=${REALSTACK_UPDATER_INTERVAL:-20}

for tool in go redis-server docker-registry git openssl python3 bc curl jq; do
  command -v "$tool" >/dev/null || missing+=" $tool"
done
if [ -n "${missing:-}" ]; then
  echo "error: missing:$missing" >&2
  echo "help: apt-get install redis-server docker-registry git openssl python3 bc curl jq; Go 1.26 from your vendor" >&2
  exit 2
fi

landfall=
finish() {
  [ -z "$landfall" ] || { kill "$landfall" 2>/dev/null && wait "$landfall" 2>/dev/null; } || true
  if [ -n "${REALSTACK_KEEP:-}" ]; then echo "left running: source $REALSTACK_RUN/env"; else "$here/down.sh" --purge >/dev/null; fi
}
trap finish EXIT

"$here/build.sh"
"$here/up.sh"
source "$REALSTACK_RUN/env"
"$here/play/fleet.sh" >/dev/null

# Landfall may do what deploy/rbac.yaml says, as the account that it makes: exactly the README's quick start.
kubectl apply -f "$here/../../deploy/rbac.yaml" >/dev/null
kubectl create token landfall --namespace landfall --duration 12h > "$REALSTACK_RUN/kube/landfall-token"
chmod 600 "$REALSTACK_RUN/kube/landfall-token"
cat > "$REALSTACK_RUN/landfall.toml" <<E
[server]
listen = "127.0.0.1:$LANDFALL_E2E_PORT"
[database]
url_env = "DATABASE_URL"
[[cluster]]
name = "real"
server = "$APISERVER"
token_file = "$REALSTACK_RUN/kube/landfall-token"
ca_file = "$APISERVER_CA"
[[argocd]]
name = "real"
cluster = "real"
namespaces = []
url = "$ARGOCD"
updater_interval = "${REALSTACK_UPDATER_INTERVAL}s"
[[registry]]
host = "$REGISTRY"
interval = "10s"
plain_http = true
allow_private = true
[registry.auth]
anonymous = true
E
"$LANDFALL_BIN" serve --config "$REALSTACK_RUN/landfall.toml" > "$REALSTACK_RUN/log/landfall.log" 2>&1 &
landfall=$!
for _ in $(seq 100); do
  curl -sf -o /dev/null "http://127.0.0.1:$LANDFALL_E2E_PORT/readyz" && break
  kill -0 "$landfall" 2>/dev/null || { tail -20 "$REALSTACK_RUN/log/landfall.log" >&2; exit 1; }
  sleep 0.2
done
# What serve was given has to please doctor too. The names of this script's own variables are not Landfall's.
env -u LANDFALL_BIN -u LANDFALL_SITE -u LANDFALL_E2E_PORT -u LANDFALL_CHROMIUM -u LANDFALL_PG_BIN \
  "$LANDFALL_BIN" doctor --config "$REALSTACK_RUN/landfall.toml"
export LANDFALL_URL=http://127.0.0.1:$LANDFALL_E2E_PORT
cd "$here/.."
npx playwright test --config realstack/playwright.config.ts "$@"
