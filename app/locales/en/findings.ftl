findings-title = Findings
findings-critical = { $n } critical
findings-warnings = { $n ->
    [one] <b>1</b> warning
   *[other] <b>{ $n }</b> warnings
 }
findings-notices = { $n ->
    [one] <b>1</b> notice
   *[other] <b>{ $n }</b> notices
 }
findings-since = Since review { $week }:
findings-opened = <b>{ $n }</b> opened
findings-closed-count = <b>{ $n }</b> closed
findings-open = Open
findings-closed = Closed
findings-by-rule = By rule
findings-rules = All rules
findings-severity = Severity
findings-where = Where
findings-how-many = Open
findings-order = worst first, then newest
findings-closed-order = by evidence, never by hand; newest first
findings-open-for = Open for
findings-closed-at = Closed
findings-none = Nothing is open.
findings-none-matching = No finding matches.
findings-none-closed = Nothing was closed in this time.
findings-caption-rules = Rules that fired, with how often
findings-caption-closed = Closed findings
findings-what-it-means = What it means
finding-opened = opened
finding-closed = closed
rule-sync-failed = The last sync failed
rule-out-of-sync = What lives differs from Git
rule-degraded = Argo CD calls it degraded
rule-not-running = Argo CD says healthy, the pods do not run
rule-image-drift = What runs is not what is meant
rule-mixed-images = Pods of one workload run different images
rule-stuck-rollout = A rollout does not end
rule-stuck-deletion = A deletion does not end
rule-auto-sync-off = Automation was switched off
rule-orphaned-application = Its ApplicationSet is gone
rule-object-missing = A managed object is gone
rule-cannot-render = Argo CD cannot render the manifests
rule-would-prune-all = A sync would delete everything
rule-summary-mismatch = Argo CD's summary names other images than run
rule-no-permission = Landfall may not read something
rule-source-stale = A source is silent
rule-unreadable-object = An object cannot be read
rule-latest-tag = An image is meant by a tag that moves
