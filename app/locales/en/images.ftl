images-title = Images
images-lead = { $n ->
    [one] 1 repository is in use.
   *[other] { $n } repositories are in use.
 }
images-none = No image is known yet: pods and workloads have not been read.
images-no-match = No repository matches.
images-search = Repository, tag, digest or service
images-caption = Repositories, who uses them and what of them runs
images-repository = Repository
images-runs = Runs
images-where = Where
images-pods = Pods
images-pods-n = { $n ->
    [one] 1 pod
   *[other] { $n } pods
 }
images-changed = Changed
images-newest = Pushed last
images-policy = Policy
images-by-hand = none
images-differs = other than meant
images-all-at = All at { $host }.
images-expected-runs = runs
images-n-of = { $n } of { $total }
images-as-meant = As meant
images-all-meant = as meant
images-nothing-runs = nothing runs
images-previews = { $n ->
    [one] 1 preview
   *[other] { $n } previews
 }
images-of = Repositories { $from } to { $to } of { $total }
images-by-state = state, the worst first
images-by-name = name
images-by-since = changed last
images-one-lead = { $tags ->
    [one] <b>1</b> tag runs
   *[other] <b>{ $tags }</b> tags run
 } in { $pods ->
    [one] <b>1</b> pod
   *[other] <b>{ $pods }</b> pods
 }: { $services ->
    [one] 1 service
   *[other] { $services } services
 }, { $environments ->
    [one] 1 environment
   *[other] { $environments } environments
 }, { $previews ->
    [one] 1 preview
   *[other] { $previews } previews
 }.
images-digest = Digest
images-running = What runs where
images-running-how = as the pods report it
images-uses = Who uses it
images-ran = What was pushed, and what ran
images-ran-how = changes of what most pods run, and tags as they were first seen; no registry keeps them
images-changes = Changes of what runs
images-changes-how = of what most pods run
images-never-changed = It has not changed since Landfall looks.
images-drawing = What was pushed and what ran when
images-drawing-words = A track for each digest. Rings: a tag was pushed there. Lines: what ran; blue is production. Amber, dashed: what is expected and does not run. A line or a ring that comes back to a track is a release that was taken back.
images-drawing-push = { $tag }, first seen { $moment }
images-drawing-expected = { $tag } is expected
images-seen = Tags at the registry
images-seen-tags = { $n ->
    [one] 1 tag
   *[other] { $n } tags
 }
images-seen-looked = last look
images-seen-failed = the last look failed
images-seen-unknown = Nobody looks at this registry: a [[registry]] in the configuration makes Landfall keep which tag pointed at which digest, from when to when.
images-seen-nothing = The registry holds no tag of it.
images-seen-caption = Which tag pointed at which digest, from when to when
images-seen-built = Built
images-seen-first = First seen
images-seen-pushed = pushed, says the registry,
images-seen-last = Last seen
images-seen-until = until
images-seen-note = What of it
images-seen-again = the bytes of <m>{ $tag }</m>, first seen { $moment }
images-seen-came-back = points again at what it was on { $moment }
images-seen-moved = points elsewhere now
images-seen-gone = gone from the registry
images-seen-runs = runs in
images-seen-more = and { $n } older ones
outlook-title = Expected, would be picked, running
outlook-how = expected is what was pushed last of the tags that the policy wants
outlook-expected = Expected
outlook-would-pick = Would be picked
outlook-running = Running
outlook-state = How it stands
outlook-fine = as expected
outlook-on-its-way = on its way
outlook-blocked = picked, does not arrive
outlook-trapped = trapped
outlook-unwatched = not looked at
outlook-unknown = unknown
outlook-newer = newer exists: { $tag }
outlook-newer-why = newer exists: { $tag }, pushed { $age } ago. { $why }
outlook-newer-undated = newer exists: { $tag }. { $why }
outlook-pushed = pushed
outlook-more = Why, tag by tag
pick-title = What Image Updater picks, and why
pick-no-tags = The tags of this repository are not known, so nothing can be said of the pick.
pick-more-policies = { $n ->
    [one] and one more policy
   *[other] and { $n } more policies
}
pick-from-default = not set
pick-from-annotation = annotation { $key }
pick-from-spec = spec of the object
pick-from-reference = reference { $pattern }
pick-from-image = image of the reference { $pattern }
pick-managed-by = Managed by
pick-pattern = reference
pick-annotations = annotations of the Application
pick-also = also managed by
pick-also-how = the last to look wins, and nobody says which that is
pick-shadowed = overridden by a default
pick-shadowed-how = { $field } is { $holds } although nobody wrote it there; further out it is { $outer }
pick-force = Force update
pick-verified = Signed images only
pick-strategy = Strategy
pick-constraint = Constraint
pick-allow = Allow tags
pick-ignore = Ignore tags
pick-platforms = Platforms
pick-write-back = Write-back
pick-refused = refused
pick-odd = The name of the strategy is old or unknown; Image Updater takes it as { $strategy }
pick-caption = { $strategy }: { $order } tags pass, { $left } are left out, the first is the pick. The same answer as landfall images pick.
pick-some = Of { $total } tags the { $n } newest and those in use were looked at.
pick-nothing = No tag passes, so nothing is picked.
pick-place = Order
pick-pushed = Pushed
pick-why = Why
pick-picked = picked
pick-left-out = left out
pick-further = { $n ->
    [one] One more tag that passes
   *[other] { $n } more tags that pass
}
pick-out-further = { $n ->
    [one] One more tag that is left out
   *[other] { $n } more tags that are left out
}
pick-others = What another policy would pick
pick-if = If the policy were
pick-right = Is it what was pushed last?
pick-in-force = in force
pick-is-expected = yes
pick-by-luck = yes, by luck
pick-is-not-expected = no
pick-changes = another image than now
pick-sorts = Under the policy in force { $n } tags sort by the time of their push.
pick-does-not-sort = Under the policy in force { $n } of { $total } tags stand behind one that was pushed later.
pick-pushed-before = was pushed before
compare-title = Two images compared
compare-how = a tag, or a digest as sha256: with six digits or more
compare-from = From
compare-to = To
compare-button = Compare
compare-with-running = compare with what runs
compare-missing = never seen in this repository:
compare-same = The same image, byte by byte.
compare-built-alike = Built alike: other digests, the same configurations, so the same content and the same date.
compare-different = Different images.
compare-unknown = Whether they are built alike is not known: one was not read yet.
compare-commits = Commits between them
compare-differs = differs
compare-tags = Tags
compare-size = Size, as it travels
compare-layers = Layers
compare-layers-all = { $count ->
    [one] { $count } layer
   *[other] { $count } layers
}
compare-layers-none = all of them in both
compare-layers-own = { $count } of them only here: { $size }
