module landfall.invalid/realstack/crds

go 1.26

require (
	github.com/argoproj-labs/argocd-image-updater v1.3.0
	github.com/argoproj/argo-rollouts v1.9.1
	sigs.k8s.io/gateway-api v1.6.2
)
