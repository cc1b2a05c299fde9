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
way-sync-failed = Read the message in Argo CD, mend the manifest or the cluster, then sync again.
way-out-of-sync = See the difference in Argo CD, then sync, or put the change into Git.
way-degraded = Look at the pods' reason and logs; roll back in Argo CD if the last deploy brought it.
way-not-running = Look at the pods; Argo CD does not see it.
way-image-drift = Sync in Argo CD to bring back what is meant, or put the new image into Git.
way-mixed-images = Restart the rollout so that all pods pull the same image; use tags that never move.
way-stuck-rollout = Look at the new pods' reason; roll back if they cannot start.
way-stuck-deletion = Find who holds the finalizer.
way-auto-sync-off = Switch automation on again, or leave a word why it is off.
way-orphaned-application = Delete the Application, or bring its ApplicationSet back.
way-object-missing = Sync to create it again, or take it out of Git.
way-cannot-render = Mend the repository, path or chart that the message names.
way-would-prune-all = Do not sync; find out why Git renders nothing.
way-summary-mismatch = Trust the pods; refresh the Application in Argo CD.
way-no-permission = Grant get, list and watch; landfall doctor names what is missing.
way-source-stale = Check that the source can be reached; landfall doctor says how.
way-unreadable-object = Mend the object; everything else of this source is shown.
way-latest-tag = Name each build by a tag of its own, such as its time, or by its digest.
