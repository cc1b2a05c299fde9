sources-title = Sources
sources-lead-none = No source is configured.
sources-lead-all = { $total ->
    [one] The one source is fresh.
   *[other] All { $total } sources are fresh.
 }
sources-lead-some = { $fresh } of { $total } sources are fresh. What rests on the others is marked, and never green.
sources-none = Add a cluster and an Argo CD instance to landfall.toml; landfall doctor says what is missing.
sources-caption = Sources with their state, age and size
sources-source = Source
sources-since = So for
sources-heard = Last heard
sources-objects = Objects
sources-unreadable = Unreadable
sources-wrong = What is wrong
sources-resting = { $n ->
    [one] 1 service rests on it
   *[other] { $n } services rest on it
 }
sources-kinds-of = Kinds of { $source }
sources-add-rule = Add this rule; Landfall tries again every 30 s and needs no restart.
sources-rule = RBAC rule to add
sources-absent = Not installed there, and so not watched: { $kinds }. It comes alive by itself when it is.
sources-silent = Its last values are kept and marked. To find out why it does not answer:
sources-window = It allows { $limit } requests in its own window; { $remaining } are left.
sources-window-until = A new window begins
sources-budget = At most { $most } requests in a minute; { $left } could be made now.
sources-blocked = Nothing is asked before
sources-starting = It was not read since the start.
sources-lead-partly = { $n ->
    [one] One of them is not read in full: see below.
   *[other] { $n } of them are not read in full: see below.
 }
