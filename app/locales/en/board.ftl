board-title = Board
board-h1 = Board: every service, what runs where, and since when
board-lead-since = Since review { $week }
board-lead-age = , { $age } ago:
board-lead-begins = History begins { $moment }:
board-lead-deploys = { $n ->
    [one] <b>1</b> deploy
   *[other] <b>{ $n }</b> deploys
 }
board-lead-failed = { $n } failed
board-lead-rolled = { $n } rolled back
board-lead-opened = { $n ->
    [one] 1 finding opened
   *[other] { $n } findings opened
 }
board-lead-closed = { $n } closed
board-lead-now = <b>{ $services }</b> { $services ->
    [one] service
   *[other] services
 }, <b>{ $environments }</b> { $environments ->
    [one] environment
   *[other] environments
 }
board-look = Needs a look
board-look-of = { $shown } of { $total }, worst first, then newest
board-look-all = All findings
board-look-none = Nothing needs a look.
board-look-none-stale = Nothing known needs a look, but { $n ->
    [one] 1 source is
   *[other] { $n } sources are
 } silent: see Sources.
board-col-severity = Severity
board-col-rule = Rule
board-col-where = Where
board-col-what = What, and the proof
board-col-since = Since
board-col-out = Way out
board-rule-means = What { $rule } means
board-open-argocd = Open in Argo CD
board-way-guide = Way out
board-services = Services
board-services-count = { $count ->
    [one] 1 service
   *[other] { $count } services
 }
board-services-in = { $services }, { $clusters ->
    [one] 1 cluster
   *[other] { $clusters } clusters
 }, { $instances ->
    [one] 1 Argo CD
   *[other] { $instances } Argo CDs
 }
board-views = Saved views
board-view-all = All
board-view-look = Needs a look
board-view-unassigned = Unassigned
board-search = Service, tag, digest or commit
board-team = Team
board-state = State
board-environment = Environment
board-rule = Rule
board-group = Group
board-sort = Sort
board-apply = Apply
board-selected = { $n } chosen
board-group-team = team
board-group-none = none
board-group-state = state
board-group-environment = environment
board-group-cluster = cluster
board-sort-name = name
board-sort-since = longest in this state
board-sort-newest = newest in this state
board-sort-state = worst state
board-no-team = no team
board-group-count = { $total ->
    [one] 1 service
   *[other] { $total } services
 }
board-group-look = { $n ->
    [one] 1 needs a look
   *[other] { $n } need a look
 }
board-unassigned = unassigned
board-unassigned-why = no rule says which service and environment: `landfall doctor --explain-mapping`
board-caption = Services: what runs in each environment, its state, and since when
board-col-service = Service
board-col-tag = Tag
board-col-state = State
board-col-for = For
board-col-previews = Previews
board-col-why = Why
board-stale-rows = { $stale } of these { $total } rest on stale evidence
board-no-state = none
board-more-images = { $n ->
    [one] 1 more image
   *[other] { $n } more images
 }
board-more-instances = { $n ->
    [one] 1 more of this name
   *[other] { $n } more of this name
 }
board-mixed = { $n } images run side by side
board-empty = <b>No service yet.</b> Landfall has read { $read } of { $total ->
    [one] 1 source
   *[other] { $total } sources
 }.
board-empty-objects = { $n } objects
board-empty-add = Add an Argo CD instance to <code>landfall.toml</code>; then <code>landfall doctor</code> says what is still missing.
board-empty-unread = Services appear when Argo CD has been read. <code>landfall doctor</code> says why a source cannot be read, and how to mend it.
board-empty-namespaces = None of them holds an Application. Landfall looks in the namespaces that <code>[[argocd]]</code> names; <code>namespaces = []</code> means all.
board-nothing = <b>No service matches.</b> Without any filter there are { $total }.
board-clear = Clear all filters
board-drop = Drop { $what }
board-search-past = Look in the past
pager-of = Services { $from } to { $to } of { $total }
pager-next = Next
pager-previous = Previous
pager-first = First
pager-rows = Rows
pager-label = Pages
