package notify

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/audit"
	"bordeaux-metropole.fr/portal/internal/french"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

var (
	_ = audit.Name(map[string]string{"mail.rhythm": "Rythme des courriels choisi"})
	_ = NameKinds(map[string]string{digestKind: "Récapitulatif"})
)

const digestKind = "digest"

// RhythmPath is the page where a person chooses how often they are told.
const RhythmPath = "/mon-compte/courriels"

// Rhythm is how often a person wants the news that may wait.
type Rhythm string

// The closed set of rhythms (constraint mail_rhythm_check).
const (
	Each   Rhythm = "each"
	Daily  Rhythm = "daily"  // at 7 h in Paris
	Weekly Rhythm = "weekly" // on Monday at 7 h in Paris
)

// Rhythms lists the rhythms in display order.
var Rhythms = []Rhythm{Each, Daily, Weekly}

// Label returns the French name of the rhythm.
func (r Rhythm) Label() string {
	switch r {
	case Each:
		return "Tout de suite, un message par nouvelle"
	case Daily:
		return "Une fois par jour"
	case Weekly:
		return "Une fois par semaine"
	}
	return string(r)
}

// RhythmOf returns how often the actor wants news: Each if they never said.
func RhythmOf(ctx context.Context, q postgres.Querier, by access.Actor) (Rhythm, error) {
	if err := by.Require(by.Person != 0); err != nil {
		return "", err
	}
	r, err := postgres.Value[Rhythm](ctx, q, `SELECT rhythm FROM mail_rhythm WHERE person_id = $1`, by.Person)
	if postgres.IsNoRows(err) {
		return Each, nil
	}
	return r, postgres.Wrap(err, "read rhythm of mails")
}

// SetRhythm records how often the actor wants news. What waits for who goes back to
// Each leaves with the next run. Field: rythme.
func SetRhythm(ctx context.Context, db postgres.DB, by access.Actor, r Rhythm) error {
	if err := by.Require(by.Person != 0); err != nil {
		return err
	}
	if !slices.Contains(Rhythms, r) {
		return problem.OnField("rythme", "Choisissez à quel rythme recevoir vos courriels.")
	}
	return postgres.InTx(ctx, db, func(tx pgx.Tx) error {
		before, err := RhythmOf(ctx, tx, by)
		if err != nil || before == r {
			return err
		}
		_, err = postgres.Exec(ctx, tx, `
			INSERT INTO mail_rhythm (person_id, rhythm) VALUES ($1, $2)
			ON CONFLICT (person_id) DO UPDATE SET rhythm = $2, changed_at = now()`, by.Person, string(r))
		if err != nil {
			return postgres.Wrap(err, "set rhythm of mails")
		}
		return audit.Record(ctx, tx, by, audit.Entry{Action: "mail.rhythm", Object: "person", ID: int64(by.Person), Label: r.Label(),
			Before: map[string]Rhythm{"rythme": before}, After: map[string]Rhythm{"rythme": r}})
	})
}

// Digest sends people what waits for them.
//
// It holds no timetable: a job asks the database every quarter of an hour who is
// due, and that is whoever has a line older than the last 7 h of Paris (the last
// Monday's, for a week). A portal that was down at 7 h sends when it is back; two
// instances, a restart or a clock change send neither twice nor never; and who goes
// back to one mail per news is due at once.
type Digest struct {
	db      postgres.DB
	outbox  *Outbox
	baseURL string
	log     *slog.Logger
	batch   int
}

// NewDigest returns the digests of the lines kept in db. baseURL is the public
// address of the portal, without a slash at its end.
func NewDigest(db postgres.DB, outbox *Outbox, baseURL string) *Digest {
	return &Digest{db: db, outbox: outbox, baseURL: baseURL, log: slog.Default(), batch: 100}
}

// Run queues one mail for each person due, with all that waits for them, and
// returns how many.
func (d *Digest) Run(ctx context.Context) (int, error) { return d.run(ctx, nil) }

// run is Run at a moment, nil for now by the database's clock.
func (d *Digest) run(ctx context.Context, at *time.Time) (mails int, err error) {
	var after access.PersonID
	for {
		var n int
		var last access.PersonID
		err := postgres.InTx(ctx, d.db, func(tx pgx.Tx) (err error) {
			n, last, err = d.sendBatch(ctx, tx, at, after)
			return err
		})
		if err != nil || last == 0 {
			return mails, err
		}
		mails, after = mails+n, last
	}
}

// line is a piece of news that waits, and who for.
type line struct {
	ID      int64           `db:"id"`
	Person  access.PersonID `db:"person_id"`
	Kind    string          `db:"kind"`
	Subject string          `db:"subject"`
	Text    string          `db:"text"`
	Link    string          `db:"link"`
	Rhythm  Rhythm          `db:"rhythm"`
	Name    string          `db:"name"`
	Email   string          `db:"email"`
}

// digestLock is the advisory lock of a batch: two instances at once would send the
// same lines twice.
const digestLock = 0x64696765 // "dige"

// sendBatch queues the mails of the next people due after a person, and marks their
// lines in the same transaction: a crash loses nothing and sends nothing twice. It
// returns the last person seen, 0 when nobody is left or another instance is at it.
func (d *Digest) sendBatch(ctx context.Context, tx pgx.Tx, at *time.Time, after access.PersonID) (int, access.PersonID, error) {
	mine, err := postgres.Value[bool](ctx, tx, `SELECT pg_try_advisory_xact_lock($1)`, digestLock)
	if err != nil || !mine {
		return 0, 0, postgres.Wrap(err, "lock the digests")
	}
	lines, err := postgres.List[line](ctx, tx, `
		WITH clock AS (SELECT coalesce($1::timestamptz, now()) AS at),
		morning AS (SELECT at,
			(date_trunc('day', at AT TIME ZONE 'Europe/Paris' - interval '7 hours') + interval '7 hours') AT TIME ZONE 'Europe/Paris' AS daily,
			(date_trunc('week', at AT TIME ZONE 'Europe/Paris' - interval '7 hours') + interval '7 hours') AT TIME ZONE 'Europe/Paris' AS weekly
			FROM clock),
		due AS (
			SELECT i.person_id, coalesce(r.rhythm, 'each') AS rhythm
			FROM digest_item i CROSS JOIN morning o LEFT JOIN mail_rhythm r ON r.person_id = i.person_id
			WHERE i.mail_id IS NULL AND i.person_id > $2
			  AND EXISTS (SELECT FROM person p WHERE p.id = i.person_id AND p.email <> '')
			GROUP BY 1, 2, o.at, o.daily, o.weekly
			HAVING min(i.created_at) < CASE coalesce(r.rhythm, 'each') WHEN 'daily' THEN o.daily WHEN 'weekly' THEN o.weekly ELSE 'infinity' END
			ORDER BY 1 LIMIT $3)
		SELECT i.id, i.person_id, i.kind, i.subject, i.text, i.link, d.rhythm, p.first_name || ' ' || p.last_name AS name, p.email
		FROM due d JOIN person p ON p.id = d.person_id JOIN digest_item i ON i.person_id = d.person_id AND i.mail_id IS NULL
		ORDER BY i.person_id, i.id`, at, after, d.batch)
	if err != nil || len(lines) == 0 {
		return 0, 0, postgres.Wrap(err, "read what waits for digests")
	}
	n, err := d.queue(ctx, tx, lines)
	return n, lines[len(lines)-1].Person, err
}

// queue writes one mail per person and marks its lines. A person whose address no
// mail could go to is passed over: the others' news must leave.
func (d *Digest) queue(ctx context.Context, tx pgx.Tx, lines []line) (int, error) {
	var mails []Mail
	var whose [][]line
	for _, of := range byPerson(lines) {
		m := d.compose(of)
		if err := m.check(); err != nil {
			d.log.WarnContext(ctx, "a digest cannot be sent", "person", of[0].Person, "error", err)
			continue
		}
		mails, whose = append(mails, m), append(whose, of)
	}
	ids, err := d.outbox.QueueMany(ctx, tx, mails)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	var item []int64
	var mail []string
	for i, of := range whose {
		for _, l := range of {
			item, mail = append(item, l.ID), append(mail, ids[i])
		}
	}
	_, err = postgres.Exec(ctx, tx, `
		UPDATE digest_item d SET mail_id = x.mail FROM unnest($1::bigint[], $2::uuid[]) AS x(item, mail) WHERE d.id = x.item`, item, mail)
	return len(mails), postgres.Wrap(err, "mark what digests told")
}

// byPerson cuts lines, which stand in the order of people, at each of them.
func byPerson(lines []line) [][]line {
	var out [][]line
	for i, l := range lines {
		if i == 0 || l.Person != lines[i-1].Person {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], l)
	}
	return out
}

// compose writes the digest of one person; a single piece of news goes as it is.
func (d *Digest) compose(lines []line) Mail {
	first := lines[0]
	m := Mail{Kind: digestKind, ToAddress: first.Email, ToName: first.Name, Why: d.why(first.Rhythm)}
	if len(lines) == 1 {
		m.Kind, m.Subject, m.Paragraphs, m.Link = first.Kind, oneLine(first.Subject), []string{first.Text}, first.Link
		return m
	}
	m.Subject = french.Count(len(lines), "nouvelle", "nouvelles") + " de la gouvernance de l’inclusion numérique"
	m.Paragraphs = []string{"Voici ce qui s’est passé depuis le dernier message."}
	for _, l := range lines {
		m.News = append(m.News, News{Title: l.Subject, Text: l.Text, Link: l.Link})
	}
	return m
}

func (d *Digest) why(r Rhythm) string {
	chosen := "Ces nouvelles vous attendaient\u00a0: vous avez choisi de les recevoir à nouveau une par une."
	switch r {
	case Daily:
		chosen = "Vous avez choisi de recevoir ces nouvelles une fois par jour."
	case Weekly:
		chosen = "Vous avez choisi de recevoir ces nouvelles une fois par semaine."
	}
	return chosen + " Pour changer de rythme\u00a0: " + d.baseURL + RhythmPath
}

// digestEvery is how often the job asks who is due.
const digestEvery = 15 * time.Minute

type digestArgs struct{}

// Kind names the job for river.
func (digestArgs) Kind() string { return "send_digests" }

// InsertOpts gives one try: the next quarter of an hour is another.
func (digestArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 1} }

type digestWorker struct {
	river.WorkerDefaults[digestArgs]
	digest *Digest
}

// Work queues the digests that are due.
func (w *digestWorker) Work(ctx context.Context, _ *river.Job[digestArgs]) error {
	n, err := w.digest.Run(ctx)
	if n > 0 {
		w.digest.log.InfoContext(ctx, "digests queued", "mails", n)
	}
	return err
}

// Register adds the worker that sends digests.
func (d *Digest) Register(w *river.Workers) { river.AddWorker(w, &digestWorker{digest: d}) }

// Periodic is the job that asks who is due.
func (d *Digest) Periodic() *river.PeriodicJob {
	return river.NewPeriodicJob(river.PeriodicInterval(digestEvery),
		func() (river.JobArgs, *river.InsertOpts) { return digestArgs{}, nil },
		&river.PeriodicJobOpts{ID: "send_digests", RunOnStart: true})
}
