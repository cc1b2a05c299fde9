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
rule-revert-trap = A revert was built, and the updater keeps what was reverted
rule-date-tie = Builds have the same date, so the name decides
rule-moved-tag = A tag was moved, and the updater compares its name only
rule-order-wrong = Another tag comes last in the order of the policy
rule-filtered-out = A rule leaves out what was pushed last
rule-write-undone = What the updater wrote was undone at once
rule-write-not-synced = What the updater wrote is not synced
rule-rollout-blocked = The picked image does not roll out
rule-updater-no-match = Settings of the updater that nothing reads
rule-updater-down = Image Updater is down, or in error
rule-registry-unreadable = A repository cannot be read
rule-tag-scheme-unsortable = Tags do not sort by time under the policy in force
rule-mutable-tag-in-production = A tag that was moved is what production runs
rule-running-image-deleted = No tag points at what runs any more
