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
images-differ = { $n } of { $total } not as meant
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
