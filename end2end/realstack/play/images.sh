#!/usr/bin/env bash
# Two services whose images Image Updater picks: `returns` by newest-build, written into the Application, and `invoices`
# by name, written to Git, for which Argo CD has no credentials yet. Only what Git names is pushed of the first one.
#   images.sh | jq      prints the digests that were pushed
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "${REALSTACK_RUN:?source the env file of up.sh first}/env"
work=$REALSTACK_RUN/clones/images
mkdir -p "$REALSTACK_RUN/clones"

git_() { git -C "$work" -c user.name=carol -c user.email=carol@example.invalid -c commit.gpgsign=false "$@"; }
image() { python3 "$here/../lib/push.py" "$REGISTRY" "shop/$1" "$2" "$3" "$4" "org.opencontainers.image.revision=$4"; }

a=$(image returns a1f3 2026-11-20T10:00:00Z A)
image invoices 20261120-100000 2026-11-20T10:00:00Z A >/dev/null

if [ ! -d "$FORGE_ROOT/git/images.git" ]; then
  git init -q --bare -b main "$FORGE_ROOT/git/images.git"
  git init -q -b main "$work"
  git_ remote add origin "$FORGE/git/images.git"
  for pair in returns:a1f3 invoices:20261120-100000; do
    name=${pair%%:*}
    mkdir -p "$work/$name"
    cat > "$work/$name/all.yaml" <<E
apiVersion: apps/v1
kind: Deployment
metadata: {name: $name, labels: {app.kubernetes.io/name: $name}}
spec:
  replicas: 1
  selector: {matchLabels: {app.kubernetes.io/name: $name}}
  template:
    metadata: {labels: {app.kubernetes.io/name: $name}}
    spec:
      schedulingGates: [{name: realstack/pull}]
      containers: [{name: app, image: "$REGISTRY/shop/$name"}]
E
    printf 'resources: [all.yaml]\nimages:\n- name: %s/shop/%s\n  newTag: "%s"\n' "$REGISTRY" "$name" "${pair#*:}" > "$work/$name/kustomization.yaml"
  done
  git_ add -A
  git_ commit -qm 'Deploy returns and invoices'
  git_ push -q origin main
fi

for name in returns invoices; do
  cat <<E
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: $name-dev
  namespace: argocd
  labels: {service: $name, environment: dev, team: shop}
spec:
  project: shop
  source: {repoURL: "$FORGE/git/images.git", targetRevision: main, path: $name}
  destination: {server: "https://kubernetes.default.svc", namespace: dev}
  syncPolicy: {automated: {prune: true, selfHeal: true}, syncOptions: [CreateNamespace=true]}
---
E
done | kubectl apply -f - >/dev/null
echo "{\"a\":\"$a\"}"
