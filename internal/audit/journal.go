package audit

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// PageSize is how many entries a page of the journal holds.
const PageSize = 50

// historyLimit bounds the history of one object.
const historyLimit = 200

// checkFor is how long a verification asked from a page may last.
const checkFor = 20 * time.Second

// Journal is what administrators read.
type Journal struct {
	db postgres.DB
}

// NewJournal returns the journal kept in db.
func NewJournal(db postgres.DB) *Journal { return &Journal{db: db} }

// Row is an entry as listed.
type Row struct {
	ID        int64
	At        time.Time
	AccountID *access.AccountID // nil: a job, a command or nobody signed in
	Actor     string
	Capacity  string // « mayor:12 »; see Role
	Action    string
	Object    string
	ObjectID  int64
	Label     string
}

// ActionLabel returns the French name of what was done.
func (r Row) ActionLabel() string { return Label(r.Action) }

// Account returns the id of the account that acted, 0 for none.
func (r Row) Account() access.AccountID {
	if r.AccountID == nil {
		return 0
	}
	return *r.AccountID
}

// Role returns in which role it was done, in French.
func (r Row) Role() string {
	role, _, _ := strings.Cut(r.Capacity, ":")
	if r.AccountID == nil {
		return "Portail"
	}
	return access.Role(role).Label()
}

// Filter narrows the journal; zero fields do not.
type Filter struct {
	Q        string // in the object's label or the actor's name; accents and case are ignored
	Action   string // « mandate.start »
	Object   string // « seat »
	ObjectID int64  // with Object
	Account  access.AccountID
	From, To day.Day // both included, in Paris
}

// Page is one page of the journal, newest first.
type Page struct {
	Rows []Row
	// Older is the cursor of the next page, 0 on the last one.
	Older int64
}

// Search returns the entries that pass the filter, older than the cursor before
// (0: from the newest). Administrators only.
func (j *Journal) Search(ctx context.Context, by access.Actor, f Filter, before int64) (Page, error) {
	if err := by.Require(by.RunsPortal()); err != nil {
		return Page{}, err
	}
	var from, to *time.Time
	if !f.From.IsZero() {
		t := f.From.At(0, 0)
		from = &t
	}
	if !f.To.IsZero() {
		t := f.To.AddDays(1).At(0, 0)
		to = &t
	}
	// Planned for the filters at hand (no cached plan): each has its own index.
	rows, err := postgres.List[Row](ctx, j.db, `
		SELECT id, at, account_id, actor, capacity, action, object, object_id, label
		FROM audit_entry
		WHERE ($1 = 0 OR id < $1)
		  AND ($2 = '' OR fold(label || ' ' || actor) LIKE fold($2))
		  AND ($3 = '' OR action = $3)
		  AND ($4 = '' OR object = $4)
		  AND ($5 = 0 OR object_id = $5)
		  AND ($6 = 0 OR account_id = $6)
		  AND ($7::timestamptz IS NULL OR at >= $7)
		  AND ($8::timestamptz IS NULL OR at < $8)
		ORDER BY id DESC LIMIT $9`,
		pgx.QueryExecModeCacheDescribe,
		before, likePattern(f.Q), f.Action, f.Object, f.ObjectID, int64(f.Account), from, to, PageSize+1)
	if err != nil {
		return Page{}, postgres.Wrap(err, "search the journal")
	}
	p := Page{Rows: rows}
	if len(rows) > PageSize {
		p.Rows = rows[:PageSize]
		p.Older = p.Rows[PageSize-1].ID
	}
	return p, nil
}

// likePattern finds q anywhere, its own signs taken literally; "" for no search.
func likePattern(q string) string {
	q = strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(q, "\x00", ""), ""))
	if q == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}

// EntryPage is one entry in full, with its seal.
type EntryPage struct {
	Row
	Changes   []Change
	RequestID string
	Seal      Seal   // zero while the act's transaction has not committed
	Prev      string // hash of the seal before, in hexadecimal
}

// Show returns one entry in full. Administrators only.
func (j *Journal) Show(ctx context.Context, by access.Actor, id int64) (EntryPage, error) {
	if err := by.Require(by.RunsPortal()); err != nil {
		return EntryPage{}, err
	}
	type row struct {
		Row
		Before, After *string
		RequestID     string
		Seq           int64
		Hash          []byte
		Prev          string
	}
	r, err := postgres.One[row](ctx, j.db, `
		SELECT e.id, e.at, e.account_id, e.actor, e.capacity, e.action, e.object, e.object_id, e.label,
		       e.before::text AS before, e.after::text AS after, e.request_id,
		       coalesce(s.seq, 0) AS seq, coalesce(s.hash, '') AS hash, coalesce(encode(s.prev_hash, 'hex'), '') AS prev
		FROM audit_entry e LEFT JOIN audit_seal s ON s.entry_id = e.id
		WHERE e.id = $1`, id)
	switch {
	case postgres.IsNoRows(err):
		return EntryPage{}, problem.New(problem.NotFound, "Cette écriture n’existe pas dans le journal.")
	case err != nil:
		return EntryPage{}, postgres.Wrap(err, "read entry %d of the journal", id)
	}
	p := EntryPage{Row: r.Row, Changes: Diff(textBytes(r.Before), textBytes(r.After)), RequestID: r.RequestID, Prev: r.Prev}
	p.Seal.Seq = r.Seq
	copy(p.Seal.Hash[:], r.Hash)
	return p, nil
}

// Event is one entry of the history of an object.
type Event struct {
	Row
	Changes []Change // only what changed
}

// ObjectHistory returns what happened to an object, newest first, at most the
// last 200 acts. The area that asks has judged that the reader may know.
func ObjectHistory(ctx context.Context, q postgres.Querier, object string, id int64) ([]Event, error) {
	type row struct {
		Row
		Before, After *string
	}
	rows, err := postgres.List[row](ctx, q, `
		SELECT id, at, account_id, actor, capacity, action, object, object_id, label,
		       before::text AS before, after::text AS after
		FROM audit_entry WHERE object = $1 AND object_id = $2
		ORDER BY id DESC LIMIT $3`, object, id, historyLimit)
	if err != nil {
		return nil, postgres.Wrap(err, "history of %s %d", object, id)
	}
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = Event{Row: r.Row, Changes: Changed(Diff(textBytes(r.Before), textBytes(r.After)))}
	}
	return events, nil
}

func textBytes(s *string) []byte {
	if s == nil {
		return nil
	}
	return []byte(*s)
}

// Checked is what the journal knows of its own verification.
type Checked struct {
	Head Seal
	// Last is the last verification asked from a page or a command, nil if none.
	Last *Verification
}

// Verification is what the journal remembers of one check of itself.
type Verification struct {
	ID      int64 // of its own entry
	At      time.Time
	Actor   string
	Entries int64
	OK      bool
	Fault   string // in French, "" when OK
}

// Status returns the head of the chain and the last verification made.
// Administrators only.
func (j *Journal) Status(ctx context.Context, by access.Actor) (Checked, error) {
	if err := by.Require(by.RunsPortal()); err != nil {
		return Checked{}, err
	}
	type row struct {
		Seq    int64
		Hash   []byte
		ID     *int64
		At     *time.Time
		Actor  *string
		Result *string
	}
	r, err := postgres.One[row](ctx, j.db, `
		SELECT coalesce(s.seq, 0) AS seq, coalesce(s.hash, '') AS hash, v.id, v.at, v.actor, v.after::text AS result
		FROM (SELECT) one
		LEFT JOIN (SELECT seq, hash FROM audit_seal ORDER BY seq DESC LIMIT 1) s ON true
		LEFT JOIN (SELECT id, at, actor, after FROM audit_entry WHERE action = 'journal.verify' ORDER BY id DESC LIMIT 1) v ON true`)
	if err != nil {
		return Checked{}, postgres.Wrap(err, "read the state of the journal")
	}
	c := Checked{Head: Seal{Seq: r.Seq}}
	copy(c.Head.Hash[:], r.Hash)
	if r.ID == nil {
		return c, nil
	}
	var result struct {
		Entries int64  `json:"entries"`
		OK      bool   `json:"ok"`
		Fault   string `json:"fault"`
	}
	if err := json.Unmarshal(textBytes(r.Result), &result); err != nil {
		return Checked{}, postgres.Wrap(err, "read the last verification")
	}
	c.Last = &Verification{ID: *r.ID, At: *r.At, Actor: *r.Actor, Entries: result.Entries, OK: result.OK, Fault: result.Fault}
	return c, nil
}

// Check verifies the journal and writes in it that it was verified and what was
// found. Administrators only. A journal too long for a page is Unavailable and
// sends to `portal verify`.
func (j *Journal) Check(ctx context.Context, by access.Actor, known ...Seal) (Report, error) {
	if err := by.Require(by.RunsPortal()); err != nil {
		return Report{}, err
	}
	timed, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	r, err := Verify(timed, j.db, known...)
	switch {
	case errors.Is(timed.Err(), context.DeadlineExceeded):
		return r, &problem.Error{Kind: problem.Conflict, Err: err, Message: "Le journal est trop long pour être vérifié depuis cette page (arrêt après l’écriture " +
			strconv.FormatInt(r.Entries, 10) + ", sans anomalie jusque-là). Lancez « portal verify » sur le serveur."}
	case err != nil:
		return r, err
	}
	after := map[string]any{"entries": r.Entries, "seq": r.Head.Seq, "hash": r.Head.Hex(), "ok": r.OK()}
	if r.Fault != nil {
		after["fault"] = r.Fault.Message()
	}
	err = postgres.InTx(ctx, j.db, func(tx pgx.Tx) error {
		return Record(ctx, tx, by, Entry{Action: "journal.verify", Object: "journal", ID: r.Head.Seq, Label: "Journal", After: after})
	})
	return r, err
}
