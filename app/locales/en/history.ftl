history-title = History
history-kind = Kind
history-since-first = since { $day }
history-show-at = Show the whole board as it was at
history-show = Show
history-tuesday = last Tuesday at 9:00 is one click:
history-since-review = Since review { $week }
history-span = { $from } to { $to }
history-count = { $n ->
    [one] 1 transition
   *[other] { $n } transitions
 }
history-count-any-words = whatever the search says
history-count-bad = { $n ->
    [0] none of them bad
    [one] 1 of them bad: below the line
   *[other] { $n } of them bad: below the line
 }
history-chart = Chart of transitions over time
history-chart-title = Transitions from { $from } to { $to }
history-chart-desc = { $n } transitions, { $bad } of them bad. The table below lists them.
history-gap = gap, { $length }
history-search-none-yet = Nothing found so far: the search has not come to the beginning of history.
history-search-paused = { $n } found so far; the search has not come to the beginning of history
history-search-of = { $n } found on this page
history-search-on = Search further back
history-timeline = Timeline
history-meaning = changes of meaning only; a refresh is no change
history-kinds = Kinds
history-all = All
history-search = Service, tag, digest or commit
history-from = From
history-to = To
history-now = now
history-apply = Apply
history-col-time = Time
history-col-where = Where
history-col-what = What changed
history-col-source = Source
history-caption = Timeline, newest first
history-day = { $day }
history-today = Today, { $day }
history-page-of = { $n } of { $total }
history-older = Older
history-compare = Two moments compared
history-compare-button = Compare
history-compare-caption = What changed between the two moments
history-col-then = Then and now
history-col-reads = Reads as
history-col-changed = Changed
history-worse = Worse
history-better = Better
history-other = Other
history-more = { $n } more
history-not-there = not there
history-same = Nothing differs between the two moments.
history-last-review = Review { $week }
history-off = No database is configured: history is not kept.
history-away = The database is away: history cannot be read until it is back. What runs now is on the board, live.
history-none-yet = Nothing was recorded yet: history begins with the first Application that is read.
history-before = Nothing was recorded yet at that moment.
history-before-first = The first moment that is known is { $time }.
history-nothing = Nothing changed in this time.
history-no-match = No transition matches.
rollout-synced = synced in { $length }
rollout-healthy = healthy in { $length }
rollout-steps = { $n } steps
