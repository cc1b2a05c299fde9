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
images-used-by = Used by
images-where = Where
images-pods = Pods
images-pods-n = { $n ->
    [one] 1 pod
   *[other] { $n } pods
 }
images-changed = Changed
images-as-meant = As meant
images-all-meant = as meant
images-differ = { $n } of { $total } differ
images-nothing-runs = nothing runs
images-previews = { $n ->
    [one] 1 preview
   *[other] { $n } previews
 }
images-of = Repositories { $from } to { $to } of { $total }
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
images-ran = What ran
images-ran-how = changes of what most pods run, kept by Landfall
images-never-changed = It has not changed since Landfall looks.
images-drawing = What ran when
images-drawing-words = A track for each digest, newest on top; blue is production. A line that comes back to a track is a release that was taken back.
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
