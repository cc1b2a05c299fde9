# The list of previews, and the page of a pull request.
previews-title = Previews
previews-lead = { $n ->
    [0] No pull request has a preview or asks for one
    [one] 1 pull request has a preview or asks for one
   *[other] { $n } pull requests have a preview or ask for one
 }
previews-caption = Pull requests that have a preview or ask for one; what needs a look stands first
previews-of = Pull requests { $from } to { $to } of { $total }
previews-pull = Pull request
previews-waits = Waits for
previews-turn = Whose turn
previews-services = Services
previews-who = Author
previews-age = Age
previews-search = Number, title, branch, commit, service
previews-by-state = what needs a look
previews-by-since = newest
previews-by-oldest = oldest
previews-by-name = repository
previews-no-match = No pull request fits.
previews-none-now = No pull request has a preview or asks for one at present.
previews-others = { $n ->
    [one] 1 pull request that is known
   *[other] { $n } pull requests that are known
 }
previews-empty = No pull request is known.
previews-empty-what = A preview is an Application that a <c>pullRequest</c> generator of an ApplicationSet made, or one that an <c>[[environment]]</c> rule with <c>preview = true</c> fits. None is there.
previews-empty-forge = The forge that is configured is asked about the repositories that generators name.
previews-empty-no-forge = Titles, labels, commits and workflow runs come from a forge: add a <c>[[forge]]</c> to the configuration. Without one the cluster's side is shown.
previews-empty-guide = <a>How previews are found and followed</a>
preview-stuck = stuck
preview-leftover = left over
preview-going = being deleted
preview-waiting = on its way
preview-ready = ready
preview-unknown = unknown
preview-none = not asked for
preview-ended = gone
step-labelled = Labelled
step-created = Application created
step-pushed = Image pushed
step-picked = Picked
step-synced = Synced
step-healthy = Healthy
step-done = done
step-now = under way
step-stuck = stuck
step-ahead = ahead
step-skipped = skipped
step-unknown = unknown
round-pushed = Pushed
round-going = under way
round-healthy = healthy
round-failed = failed
round-cancelled = cancelled
round-overtaken = overtaken
turn-author = the author
turn-ci = CI
turn-cluster = the cluster
turn-operator = who runs the platform
run-queued = run queued
run-running = run under way
run-succeeded = run succeeded
run-failed = run failed
run-failed-step = run failed in { $step }
run-cancelled = run cancelled
pull-title = #{ $number } of { $repository }
pull-draft = draft
pull-open = open
pull-closed = closed
pull-merged = merged
pull-fork = from a fork
pull-your-turn = Your turn: { $who }
pull-turn = Turn: { $who }
pull-open-preview = Open the preview
pull-run = Workflow run
pull-waits-since = Step { $position } of 6, { $step }, since <t>then</t>
pull-then = .
pull-ready = The preview is ready.
pull-ready-head = The preview is ready and runs the head, { $head }.
pull-ready-behind = { $n ->
    [0] The preview is ready and runs the head.
    [one] The preview is ready, 1 commit behind the head.
   *[other] The preview is ready, { $n } commits behind the head.
 }
pull-leftover = The pull request asks for no preview any more, and its preview is still there.
pull-going = The preview is being deleted.
pull-ended = The preview is gone.
pull-none = No preview is asked for.
pull-none-closed = The pull request is closed, and has no preview.
pull-none-label = No preview is asked for: the label { $labels } asks for one.
pull-unknown = What its preview is doing cannot be known.
pull-runs-behind = Meanwhile it runs <m>{ $deployed }</m>, <b>{ $n ->
    [one] 1 commit
   *[other] { $n } commits
 } behind</b> <m>{ $head }</m>.
pull-runs-last-good = Last usable: <m>{ $deployed }</m>.
pull-steps = Six steps
pull-head = head
pull-bars = Bars: how long it took this time; outline and tick: what is usual, nine of ten and the middle of { $n } previews in { $weeks } weeks. Steps 3 to 6 begin again with each push.
pull-bars-none = Bars: how long it took. What is usual is not known yet. Steps 3 to 6 begin again with each push.
pull-number = Number
pull-step = Step
pull-at = At
pull-took = Took
pull-against-usual = Against the usual
pull-usually = Usually
pull-seen = What was seen
pull-source = Source, age
pull-by = by { $time }
pull-by-title = at { $time } at the latest; when exactly nobody tells
pull-not-yet = not yet
pull-slower = slower than usual
pull-rounds = Rounds
pull-rounds-about = each push is one, newest first
pull-commit = Commit
pull-in-all = In all
pull-ended-col = Ended
pull-against-head = Deployed against head
pull-commits-caption = Commits of the pull request, newest first, and what became of each
pull-deployed = deployed
pull-no-forge = No forge tells the commits between.
pull-this-preview = This preview
pull-runs-now = Runs now
pull-last-good = Last usable
pull-generated-for = Generated for
pull-runs-commit = Commit
pull-traced = Traced by
pull-branches = Branches
pull-labels = Labels
pull-asked = Asked for by
traced-certain = certain
traced-likely = likely
traced-ambiguous = several would fit: none is taken
traced-unknown = not known
