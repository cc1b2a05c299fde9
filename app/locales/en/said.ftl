# What model and server tell: the same sentences as in their sources (a test compares them).

# Findings and states.
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
said-may-read-nothing = { $name } lets Landfall read nothing: what it holds is not known
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
said-way-no-registry-permission = Give an account that may pull: `auth` of this [[registry]]. `landfall doctor` says what is refused.
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

# Why a source fails.
said-answer-too-large = an answer larger than { $mib } MiB
said-asks-to-wait = it asks to wait ({ $status })
said-broken-answer = broken answer: { $why }
said-secret-unread = the { $secret } cannot be read: { $why }
said-secret-no-docker-config = the { $secret } holds no `.dockerconfigjson`: it must be of type kubernetes.io/dockerconfigjson
said-cannot-read = cannot read { $file }: { $why }
said-command-failed = `{ $command }` ended with { $status }: run it by hand to see why
said-command-not-listed = the kubeconfig signs in by running `{ $command }`, which `exec` of this [[cluster]] does not list
said-command-not-run = `{ $command }` cannot be run: { $why }
said-command-said-half = `{ $command }` said half of a certificate with its key
said-command-said-no-time = `{ $command }` said an expirationTimestamp that is no time
said-command-said-nothing = `{ $command }` said no credentials
said-command-said-other = `{ $command }` said what is no ExecCredential (JSON)
said-command-too-slow = `{ $command }` did not end within { $seconds } s
said-connection = connection: { $why }
said-credentials-refused = credentials refused (401): { $message }
said-failed-in-a-row = it failed { $times } times in a row, last: { $failure }
said-foreign-realm = { $host } wants its tokens to be fetched from { $realm }, which `auth_hosts` does not list
said-host-silent = no word from { $host } for { $seconds } s
said-in-no-pod = this process runs in no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set
said-line-broken = a line of the watch: { $why }
said-line-cut = the last line was cut off
said-list-broken = list: { $why }
said-list-older = the list's version { $version } is older than { $known }
said-list-version = the list's version `{ $version }` is no number
said-no-certificate = { $file }: holds no certificate (PEM)
said-no-context = { $file }: there is no context `{ $context }`; there is: { $there }
said-no-proxy-url = { $file }: `proxy-url` is not supported: API servers are reached directly
said-no-token = { $secret } holds no token
said-not-asked-before = not asked before { $until }: { $why }
said-not-there = not found (404): { $message }
said-not-installed = not installed
said-not-permitted = no permission (403): { $message }
said-old-auth-provider = { $file }: signs in by the `{ $provider }` auth provider, which Kubernetes has removed: make the kubeconfig anew
said-private-address = { $host } is an address of a private network, which `allow_private` does not permit
said-secret-empty = { $secret } is empty
said-server-answered = the server answered { $status }: { $message }
said-server-silent = no word from the server for { $seconds } s
said-too-many-requests = too many requests ({ $status })
said-user-in-url = { $file }: the server's URL holds a user name: sign in as a `user` of the kubeconfig
said-variable-unset = the environment variable { $name } is not set
said-version-expired = the version is too old (410)

# How service and environment were found.
said-mapped-by = service: { $service }; environment: { $environment }
said-mapped-by-catalogue = catalogue
said-mapped-by-catalogue-as = catalogue, by { $by }
said-mapped-by-catalogue-name = catalogue, by name
said-mapped-by-cluster = cluster { $cluster }
said-mapped-by-generator = pull request generator of ApplicationSet { $set }
said-mapped-by-label = label { $key }
said-mapped-by-name = Application name
said-mapped-by-name-without = Application name without { $affix }
said-mapped-by-name-without-pull = Application name without pull request { $number }
said-mapped-by-namespace = namespace { $namespace }
said-mapped-by-rule = rule { $n } ({ $name })
said-mapped-by-set = ApplicationSet { $set }, which the name holds
said-mapped-to-application = no rule fits, the Application name as it is
said-mapped-to-namespace = no rule fits, the namespace as it is
said-mapped-to-none = no rule fits, and there is no namespace
said-not-in-catalogue = not in the catalogue, { $by }

# Why history is incomplete.
said-nobody-watched = nobody was watching: what came and went in between is not known
said-row-refused = the database refused a row
said-spool-full = the database was away for too long; the oldest changes in waiting were dropped

# What is wrong with a parameter: goes on behind its name.
said-control-character = must not hold the control character { $character }
said-cursor-foreign = is not one of ours; start again without it
said-cursor-order = belongs to the order { $theirs }, this list is in the order { $ours }; ask in that order, or start again without it
said-moment-ahead = lies in the future ({ $moment }); nothing is known of it yet
said-moment-examples = write a time (2026-11-20T15:00:00+09:00), a date (2026-11-20), a review's week (2026-W47) or a span back (-7d, -36h, -90m)
said-moment-shape = is not a time: { $examples }
said-moment-too-old = lies before 1970; nothing was recorded then
said-no-parameter = is no parameter of this list; filters are { $allowed }
said-no-such-day = has no such day: { $examples }
said-no-such-time = has no such time: { $examples }
said-no-such-week = has no such week: { $examples }
said-since-after-end = lies after the end of the span (`until` or `at`)
said-sort-environment = takes an environment only as `state:NAME` or `since:NAME`
said-too-long = is longer than { $most } characters
said-too-many-filters = is one of more than { $most } filters in one query
said-unknown-value = does not know { $value }; allowed are { $allowed }
said-wrong-compare = must be `all`, or be left out
said-wrong-limit = must be a whole number from 1 to { $most }, without it { $usual }

# Why a request is not answered.
said-before-history = History does not reach back to { $at }; it begins at { $first }.
said-body-too-large = The body is cut off, or larger than any form of these pages.
said-body-too-slow = The body did not come in time.
said-foreign-request = A request that changes something must come from this site's own pages.
said-form-do = The field `do` says what to do: save, rename or delete.
said-form-too-large = A form has at most { $n } bytes.
said-history-away = The history cannot be read at present, because the database does not answer. The live view goes on.
said-history-begins = History does not reach back to { $at }; it has just begun.
said-internal-error = Landfall failed at this request; its log says more under the id in X-Request-Id.
said-no-history = There is no history: this Landfall runs without a database.
said-too-much = Too much to do at once; try again in a second.
said-unknown-host = This server does not answer to { $host }. Names it answers to stand in the configuration.
said-wrong-method = This address takes { $methods } only.

# Why Image Updater does not look after an Application.
said-tried-broken-pattern = name pattern { $pattern } is malformed, and the whole object fails
said-tried-empty-image-list = its annotation image-list is empty
said-tried-force-update = force-update is neither true nor false: { $text }
said-tried-labels = the labels do not fit the selector
said-tried-method = write-back method { $method } does not exist
said-tried-name = the name does not fit { $pattern }
said-tried-namespace = it looks in namespace { $namespace } only
said-tried-no-image-list = the Application has no annotation image-list
said-tried-two-targets = image { $alias } has a Helm and a Kustomize target

# Why the image that was pushed last does not run.
said-tag-dated = { $tag }, dated { $date }
said-tag-first-seen = { $tag }, first seen { $at }
said-trap-date-tie = { $tag } and { $kept } have the same date, so the name decides, and Image Updater keeps { $kept }
said-trap-filtered-out = { $tag } was pushed last, but { $rule } leaves it out
said-trap-fine = What was pushed last runs
said-trap-head-differs = { $tag } was pushed last, but the build of the branch's head is { $head }
said-trap-moved-tag = Tag { $tag } points at another image now, but Image Updater compares its name only
said-trap-no-match = No setting of Image Updater takes the Application in
said-trap-not-live = The Application does not report the image, so Image Updater passes it over
said-trap-not-rolled-out = { $tag } is synced, but its pods do not become ready
said-trap-not-synced = { $tag } is written, but not synced
said-trap-not-visible = The registry cannot be read, so nobody can say what is new
said-trap-not-written = Image Updater would pick { $tag }, but nothing is known of its writing it
said-trap-nothing-runs = No pod runs
said-trap-older-version = { $tag } was pushed last, but { $kept } is the higher version, as the policy wants
said-trap-on-its-way = { $tag } was pushed and will be picked
said-trap-order-unknown = Which image was pushed last cannot be known
said-trap-order-wrong = { $tag } was pushed last, but { $kept } comes last in the order, and Image Updater keeps it
said-trap-picks-another = { $tag } was pushed last, but Image Updater picks { $pick }
said-trap-refused = Image Updater refuses the settings: { $why }
said-trap-revert = { $tag } is { $before } built again, so its date is older than that of { $kept }, which Image Updater keeps
said-trap-rolls-out = { $tag } is written and rolls out
said-trap-unread = The dates of some tags are not read yet ({ $count })
said-trap-updater-error = Image Updater reports errors
said-trap-updater-silent = Image Updater has stopped looking
said-trap-write-undone = Image Updater wrote { $tag }, and something else undid it at once
said-way-trap-filter = Correct that rule, and check it with landfall images pick.
said-way-trap-live = Correct the image's name, or set force-update.
said-way-trap-match = Correct the name pattern or the labels of a reference.
said-way-trap-moved = Follow the tag with strategy digest, or push each build under a tag of its own.
said-way-trap-order = Narrow allow-tags so that only tags of one form are left, and check the order with landfall images pick.
said-way-trap-refused = Correct the constraint of the image.
said-way-trap-rollout = Mend what holds the pods up.
said-way-trap-sortable = Give images tags that sort by time (20231127-170000) and pick them with alphabetical, or follow one moving tag with digest.
said-way-trap-sync = Sync the Application, or mend what its last operation says.
said-way-trap-undone = Take the image out of what the parent Application, the ApplicationSet or Git sets, or let Image Updater write to Git.
said-way-trap-updater = See the log of Image Updater, and mend or restart it.
said-way-trap-visible = Mend the credentials or the limit that the answer names.
said-what-kept = Image Updater keeps
said-what-last-look = last look
said-what-last-operation = last operation
said-what-order-ends = the order ends with
said-what-pods = pods
said-what-pushed-last = pushed last
said-what-registry-says = the registry says
said-what-reported = images that the Application reports
said-what-rule-says = { $rule } says
said-what-same-date = tags with this date
said-what-seen-before = the same image before
said-what-sync-status = sync status
said-what-tag-pointed = tag { $tag } pointed at
said-what-tags-seen = tags in the last whole list
said-what-tried = { $pattern } was looked at
said-what-undone = undone, back to
said-what-updater-says = Image Updater says
said-what-written = written

# Images and what was pushed.
said-dates-equal = { $n } tags have the same date ({ $date }): newest-build chooses among them by name
said-image-not-live = Image Updater passes { $image } over: Argo CD does not report that the Application runs it
said-image-untagged = { $pods ->
    [one] 1 pod runs
   *[other] { $pods } pods run
 } { $tag } of { $image }, which no tag points at any more
said-no-reference = Its annotations list images, but nothing reads them
said-outlook-early = { $tag } was pushed just now
said-outlook-unknown = The tags of its repository are not known
said-repository-unreadable = { $name } cannot be read, so nobody can say what is new
said-tag-moved = { $image }:{ $tag } was moved to another image: a restarted pod may run something else
said-tags-unsorted = By name { $before } comes after { $after }, but it was pushed before it: the order by name is not that of the pushes
said-updater-wrote = Image Updater wrote it for { $image }
said-way-image-untagged = Push the image again, or deploy one that is there, before a pod has to pull it.
said-way-mutable-tag = Deploy by a tag that is never moved, or by digest.
said-what-repository = repository
said-what-tag-gone = tag { $tag } was gone
said-what-tags-misplaced = tags concerned in { $repository }
said-asked = the Application asks for it of { $image }
said-asked-by = the Application asks for it of { $image }, set by { $manager }

# Why tags are left out, and how those that pass are ranked.
said-allow-broken = its regular expression is broken ({ $why })
said-allow-kind = { $kind } is no kind of pattern; regexp is the only one
said-allow-no-kind = it has no { $prefix } in front
said-left-out-all = allow-tags lets no tag pass: { $because }
said-left-out-allow = does not match allow-tags
said-left-out-constraint = does not fit { $constraint }
said-left-out-date = created of its config is no time: { $text }
said-left-out-digest = strategy digest follows { $tag } only
said-left-out-ignore = matches { $pattern } of ignore-tags
said-left-out-platform = is built for { $has }, not for { $wanted }
said-left-out-prerelease = is a pre-release
said-left-out-prerelease-constraint = is a pre-release that { $constraint } does not let in
said-left-out-semver = is no semantic version
said-left-out-undated = its config has no created
said-policy-nothing-moves = none of the tags main, master and latest is there to be followed
said-policy-nothing-passes = no tag passes
said-ranked-before = an earlier name
said-ranked-before-later = an earlier name, although it was pushed later
said-ranked-built-again = an older date although it was pushed later: it is { $tag } built again
said-ranked-followed = the tag that is followed
said-ranked-highest = the highest version of all that pass
said-ranked-last = the last name of all that pass, byte by byte
said-ranked-latest = the latest date of all that pass
said-ranked-latest-tie = the latest date, and of those that share it the last name
said-ranked-lower = a lower version
said-ranked-lower-later = a lower version, although it was pushed later
said-ranked-older = an older date
said-ranked-older-later = an older date, although it was pushed later
said-ranked-same-date = the same date as { $tag }, so the name decides
said-refused-constraint = the constraint is refused: { $why }
said-refused-digest = strategy digest needs a constraint: the tag whose digest is followed
said-search-needs = must be one word: the beginning of a tag, or six or more digits of a digest or commit
