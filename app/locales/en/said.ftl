# What the model tells: the same sentences as in its sources (a test compares them). Way out, evidence and reasons
# follow the findings.
said-auto-sync-disabled = Automation is off: automated.enabled is false. New commits do not go out by themselves
said-auto-sync-removed = Automation is off: syncPolicy.automated was taken out. New commits do not go out by themselves
said-automation-disabled = automated.enabled is false
said-automation-heals = on, with self-heal
said-automation-off = off
said-automation-on = on, without self-heal
said-automation-removed = syncPolicy.automated was taken out
said-by = by { $who }
said-cluster-unread = the cluster was not read yet
said-container-drifted = { $container } runs { $lives }, meant is { $meant }
said-deletion-fails = Deleted, but held by finalizer { $names }: { $message }
said-deletion-held = Deleted, but held by finalizer { $names }
said-deletion-stuck = Deleted, but it does not go
said-deployed = deployed
said-differ = { $names } differ from Git
said-differ-more = { $names } and { $more } more differ from Git
said-differs = { $names } differs from Git
said-does-not-exist = { $kind } { $name } does not exist
said-forbidden = forbidden
said-gone = Gone: { $names }
said-gone-unseen = Gone: { $names }; Argo CD says { $health }
said-images-unknown = images unknown
said-may-not-read = Landfall may not read { $kinds }: what rests on it is unknown, not healthy
said-may-not-read-kinds = may not read { $kinds }
said-mixed-digests = Pods of { $name } run { $n } digests under one tag: it was moved between two pulls
said-mixed-images = Pods of { $name } run { $n } different images in container { $container }
said-moving-tag = Container { $container } is meant to run { $image }: what that tag stands for changes without a word
said-moving-tags = Container { $container } is meant to run { $image }, and { $more } more: what such a tag stands for changes without a word
said-never-compared = never compared
said-never-synced = It was never synced
said-no-reason = Argo CD gives no reason
said-no-word = No word from { $name }. Its last known values are shown, marked
said-no-word-because = No word from { $name }: { $error }. Its last known values are shown, marked
said-none = none
said-none-ready = Argo CD says Healthy, but 0 of { $desired } pods of { $name } are ready
said-none-ready-because = Argo CD says Healthy, but 0 of { $desired } pods of { $name } are ready, { $reason }
said-not-found = not found
said-nothing-lives = Nothing of it lives
said-object-differs = { $kind } { $name } differs
said-objects-differ = { $kind } { $name } and { $more } more differ
said-of = { $ready } of { $desired }
said-of-names = { $n } of { $total }: { $names }
said-of-workload = { $ready } of { $desired }, { $kind } { $name }
said-pods-drifted = { $pods ->
    [one] 1 pod of { $name } runs
   *[other] { $pods } pods of { $name } run
 } { $lives }; meant is { $meant }
said-pods-ready = { $ready } of { $desired } pods ready
said-pods-ready-because = { $ready } of { $desired } pods ready, { $reason }
said-pods-ready-new = { $ready } of { $desired } pods ready, new ones: { $reason }
said-pods-ready-of = { $ready } of { $desired } pods of { $name } ready
said-pods-say = Pods of { $name } say { $reason }
said-rolled-back = rolled back
said-rolling-out = rolling out, { $pods } of { $total } pods
said-rollout-stands = The rollout of { $name } does not end, { $updated } of { $desired } pods updated
said-rollout-stands-because = The rollout of { $name } does not end, { $updated } of { $desired } pods updated: { $reason }
said-set-gone = Its ApplicationSet { $set } does not exist any more: nobody updates or removes it
said-set-not-found = ApplicationSet { $set }: not found
said-silent = silent
said-spec-drifted = { $name } was changed to { $lives }; meant is { $meant }
said-summary-empty = Argo CD's summary lists no image, the pods run { $missing }
said-summary-lacks = Argo CD's summary lacks { $missing }, which the pods run
said-summary-old = Argo CD's summary says { $old }, the pods run { $missing }
said-suspended-there = suspended in the cluster
said-sync-failed = The sync failed: { $message }
said-sync-failed-after = The sync failed after { $retries ->
    [one] 1 retry
   *[other] { $retries } retries
 }: { $message }
said-sync-fails = The sync fails and is tried again, attempt { $retries }: { $message }
said-trouble = { $reason } ({ $pods ->
    [one] 1 pod
   *[other] { $pods } pods
 })
said-trouble-message = { $reason } ({ $pods ->
    [one] 1 pod
   *[other] { $pods } pods
 }): { $message }
said-unreadable = { $kind } { $name } cannot be read: { $why }
said-unreadable-more = { $kind } { $name } cannot be read: { $why }, and { $more } more
said-would-delete-all = Git holds no object any more: a sync would delete all { $total }

# Ways out.
said-way-auto-sync-off = Switch it on again when the reason is gone (a rollback in Argo CD switches it off).
said-way-cannot-render = Mend the manifests or the access to the repository; the message names the place.
said-way-degraded = Look at the pods' reason and logs; roll back in Argo CD if the last deploy brought it.
said-way-image-drift = Sync in Argo CD to bring back what is meant, or put the new image into Git.
said-way-invalid-spec = Mend the Application's spec: project, cluster or source do not exist or are not allowed.
said-way-latest-tag = Name each build by a tag of its own, such as its time, or by its digest.
said-way-mixed-images = Restart the rollout so that all pods pull the same image; use tags that never move.
said-way-no-permission = Grant get, list and watch on it: deploy/rbac.yaml holds the rule, `landfall doctor` names what is missing.
said-way-not-running = Trust the pods: look at their reason and events. Argo CD's health check does not see it.
said-way-object-missing = Sync in Argo CD to create it again; find out who deleted it.
said-way-orphaned-application = Bring the ApplicationSet back, or delete this Application if it is not needed.
said-way-out-of-sync = See the difference in Argo CD, then sync, or put the change into Git.
said-way-out-of-sync-automated = See the difference in Argo CD: automation is on, yet it does not close it.
said-way-source-stale = Check that the source can be reached from here: `landfall doctor` says how.
said-way-stuck-deletion = Find the object that does not go (its own finalizer holds it) and mend its controller.
said-way-stuck-rollout = Look why the new pods do not become ready; roll back in Argo CD if they will not.
said-way-summary-mismatch = Trust the pods. A hard refresh in Argo CD rebuilds the summary; Image Updater believes it.
said-way-sync-failed = Read the message in Argo CD, mend the manifest or the cluster, then sync again.
said-way-unreadable-object = Mend the object; everything else of this source is shown.
said-way-would-prune-all = Do not force the sync. Look at the path and the manifests of the compared commit.

# What was looked at.
said-what-automation = automation
said-what-compared = compared with
said-what-deletion-asked = deletion asked
said-what-finalizers = finalizers
said-what-health = health
said-what-image-set-by = image last set by
said-what-live-spec = live spec, { $container }
said-what-meant = meant, { $container }
said-what-message = message
said-what-objects-differ = objects that differ
said-what-objects-left = objects left
said-what-objects-to-prune = objects to prune
said-what-operation = operation
said-what-operation-by = last operation by
said-what-owner = owner
said-what-pods-ready = pods ready
said-what-pods-run = { $pods ->
    [one] 1 pod runs
   *[other] { $pods } pods run
 }
said-what-pods-say = pods say
said-what-pods-updated = pods updated
said-what-revision = revision
said-what-run = pods run
said-what-running = running, { $container }
said-what-sync = sync
