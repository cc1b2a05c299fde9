service-repository = Repository
service-argocd = Argo CD { $environment }
service-verdict-stale = What is known of { $environment } is old: { $source } does not answer.
service-verdict-odd = { $environment } is { $state }{ $why }
service-verdict-moving = { $environment } is on its way to { $tag }: { $ready } of { $desired } pods ready.
service-verdict-nowhere = It runs nowhere at present.
service-verdict-same = As meant: { $tag } runs everywhere.
service-verdict-ok = As meant: { $list }.
service-verdict-each = { $environment } runs { $tag }
service-environments = Environments and images
service-environments-caption = What runs in each environment, and what was meant
service-fact = Fact
service-state = State
service-running = Running
service-running-from = pods
service-meant = Meant
service-expected-from = pushed last, of the tags that the policy wants
service-meant-from = workload's spec
service-reported = Reported
service-reported-from = Argo CD's summary
service-says = Argo CD says
service-objects = { $n } of { $total } objects differ
service-operation = Last operation
service-revision = Revision
service-compare = not yet deployed
service-deployed = deployed
service-pods = Pods ready
service-of = { $n } of { $total }
service-pods-of = { $n } of { $total } pods
service-pods-count = { $n ->
    [one] 1 pod
   *[other] { $n } pods
 }
service-auto = Auto-sync
service-auto-on = on
service-auto-off = off
service-auto-never = never configured
service-place = Cluster / namespace
service-application = Application
service-addresses = Addresses
service-conditions = Conditions
service-data-age = Data age
service-since = since
service-same = runs
service-differs = does not run
service-at-registry = registry
service-by = by
service-retries = { $n ->
    [one] 1 retry
   *[other] { $n } retries
 }
service-deleting = being deleted
service-primary = Primary image:
service-workloads = Workloads
service-workload = Workload
service-troubles = What pods say
service-preview = Preview
service-all-history = All history
badge-title = Badges
badge-about = to show this state elsewhere
badge-markdown = Markdown
