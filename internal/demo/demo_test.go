package demo_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/account"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/demo"
	"bordeaux-metropole.fr/portal/internal/election/count"
	"bordeaux-metropole.fr/portal/internal/governance"
	"bordeaux-metropole.fr/portal/internal/indicator"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/minutes"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/roadmap"
	"bordeaux-metropole.fr/portal/internal/roadmap/campaign"
	"bordeaux-metropole.fr/portal/internal/roadmap/edition"
	"bordeaux-metropole.fr/portal/internal/roadmap/funding"
	"bordeaux-metropole.fr/portal/internal/roadmap/progress"
	"bordeaux-metropole.fr/portal/internal/structure"
	"bordeaux-metropole.fr/portal/internal/structure/national"
)

// load fills a fresh database as the portal does: through the application role.
// load fills a database, without elections.
func load(t *testing.T, on day.Day) postgres.DB {
	t.Helper()
	return loadWith(t, on, false)
}

// loadWith fills a database, with few ballots in its elections if it has some.
func loadWith(t *testing.T, on day.Day, elections bool) postgres.DB {
	t.Helper()
	pool, err := postgres.Open(t.Context(), pgtest.New(t), postgres.Options{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	jobs, err := notify.NewInserter(pool)
	if err != nil {
		t.Fatal(err)
	}
	const base = "http://127.0.0.1"
	outbox := notify.NewOutbox(jobs)
	meetings := meeting.New(pool, outbox, base)
	mins := minutes.New(pool, meetings, outbox, base)
	gov := governance.New(pool, nil)
	l := demo.Loader{
		DB: pool, Governance: gov, Structures: structure.New(pool, gov, outbox, base), Indicators: indicator.New(pool),
		Accounts: account.New(pool, outbox, account.Options{Demo: true, BaseURL: base}),
		Meetings: meetings, Minutes: mins, Progress: progress.New(pool, outbox, base), Campaigns: campaign.New(pool, meetings, outbox, base),
		Editions: edition.New(pool, mins, outbox, base), Funding: funding.New(pool, outbox, base),
	}
	if elections {
		l.Count, l.FewBallots = count.New(pool, gov, l.Structures, outbox, base), true
	}
	if loaded, err := demo.Loaded(t.Context(), pool); err != nil || loaded {
		t.Fatalf("a fresh database: loaded = %v, %v", loaded, err)
	}
	if empty, err := demo.Empty(t.Context(), pool); err != nil || !empty {
		t.Fatalf("a fresh database: empty = %v, %v", empty, err)
	}
	if err := l.Load(t.Context(), on); err != nil {
		t.Fatal(err)
	}
	if empty, err := demo.Empty(t.Context(), pool); err != nil || empty {
		t.Fatalf("after loading: empty = %v, %v", empty, err)
	}
	if loaded, err := demo.Loaded(t.Context(), pool); err != nil || !loaded {
		t.Fatalf("after loading: loaded = %v, %v", loaded, err)
	}
	return pool
}

func TestLoadGivesTheAccountsOfTheContract(t *testing.T) {
	t.Parallel()
	db := load(t, day.Today())
	type count struct {
		Role string
		N    int
	}
	got, err := postgres.List[count](t.Context(), db, `SELECT role, count(DISTINCT account_id)::int AS n FROM capacity GROUP BY role ORDER BY role`)
	if err != nil {
		t.Fatal(err)
	}
	want := []count{{"administrator", 1}, {"chair", 2}, {"delegate", 1}, {"mayor", 28}, {"partner", 18}, {"scrutineer", 3}, {"state", 1}, {"structure", 162}, {"team", 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("accounts by role (-want +got):\n%s", diff)
	}
	missing, err := postgres.Values[string](t.Context(), db, `
		SELECT e FROM (
			SELECT 'maire-' || slug || '@example.org' FROM commune
			UNION ALL SELECT 'structure-' || to_char(n, 'FM000') || '@example.org' FROM generate_series(1, 160) n
			UNION ALL SELECT 'partenaire-' || to_char(n, 'FM00') || '@example.org' FROM generate_series(1, 14) n
			UNION ALL SELECT unnest(ARRAY['admin', 'equipe', 'equipe2', 'presidente', 'conseillere', 'agent-begles', 'prefecture']) || '@example.org'
		) AS c(e) WHERE NOT EXISTS (SELECT FROM account a WHERE a.email = c.e AND a.password_hash IS NOT NULL)`)
	if err != nil || len(missing) > 0 {
		t.Errorf("accounts of the contract that are missing: %v, %v", missing, err)
	}
	colleges, err := postgres.List[count](t.Context(), db, `SELECT college AS role, count(*)::int AS n FROM seat WHERE kind = 'structure' AND upper_inf(during) GROUP BY college ORDER BY college`)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]count{{"action_sociale", 80}, {"mediation_numerique", 80}}, colleges); diff != "" {
		t.Errorf("structures by college (-want +got):\n%s", diff)
	}
	real, err := postgres.Value[int](t.Context(), db, `SELECT count(*)::int FROM person WHERE email <> '' AND email NOT LIKE '%@example.org'`)
	if err != nil || real != 0 {
		t.Errorf("%d people with an address outside example.org, %v", real, err)
	}
	if bad := governance.New(db, nil).CheckInvariants(t.Context()); bad != nil {
		t.Errorf("invariants: %v", bad)
	}
	registered(t, db)
}

func TestLoadIsDeterministic(t *testing.T) {
	t.Parallel()
	var seen [2][]string
	for i := range seen {
		var err error
		seen[i], err = postgres.Values[string](t.Context(), load(t, day.Of(2026, 11, 23)), `
			SELECT concat_ws('|', s.label, p.first_name, p.last_name, m.during, m.term_ends_on)
			FROM mandate m JOIN seat s ON s.id = m.seat_id JOIN person p ON p.id = m.person_id ORDER BY 1`)
		if err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(seen[0], seen[1]); diff != "" {
		t.Errorf("two loads of the same day differ:\n%s", diff)
	}
}

// TestLoadOnAnyDay: the demonstration must load on New Year's Eve as on a Monday
// in spring.
func TestLoadOnAnyDay(t *testing.T) {
	t.Parallel()
	for _, d := range []day.Day{day.Of(2026, 12, 31), day.Of(2028, 2, 29)} {
		load(t, d)
	}
}

// TestPastMeetingsLeaveWhatTheyShould: two years are there; what is past was called,
// written up and published, decisions follow on, nobody votes who was not there.
func TestPastMeetingsLeaveWhatTheyShould(t *testing.T) {
	t.Parallel()
	db := load(t, day.Of(2026, 11, 23))
	for _, c := range []struct{ what, sql string }{
		{"a year without the seven meetings of the rhythm", `
			SELECT y::text FROM generate_series(2025, 2026) y
			WHERE (SELECT count(*) FROM meeting WHERE kind = 'session' AND extract(year FROM starts_at) = y AND state <> 'draft') < 7`},
		{"published without minutes, agenda, roll or convocation", `
			SELECT m.id::text FROM meeting m WHERE m.state = 'published' AND NOT (
				EXISTS (SELECT FROM minutes_publication p WHERE p.meeting_id = m.id AND p.sha256 = sha256(convert_to(p.text, 'UTF8')))
				AND EXISTS (SELECT FROM agenda_item i WHERE i.meeting_id = m.id)
				AND (SELECT count(*) FROM attendance a WHERE a.meeting_id = m.id) = (SELECT count(*) FROM convocation c WHERE c.meeting_id = m.id)
				AND EXISTS (SELECT FROM convocation c WHERE c.meeting_id = m.id))`},
		{"a point of a published session of which nothing is said", `
			SELECT m.id || ' ' || i.title FROM meeting m JOIN agenda_item i ON i.meeting_id = m.id
			WHERE m.state = 'published' AND m.kind = 'session' AND NOT EXISTS (SELECT FROM item_note n WHERE n.item_id = i.id)`},
		{"numbers of decisions with a gap", `
			SELECT body || ' ' || year || ' ' || kind FROM decision
			GROUP BY body, year, kind HAVING min(number) <> 1 OR max(number) <> count(DISTINCT number)`},
		{"more voices than members who were there", `
			SELECT d.title FROM decision d WHERE d.method = 'vote' AND d.votes_for + d.votes_against + d.abstentions >
				(SELECT count(*) FROM attendance a JOIN convocation c ON c.id = a.convocation_id
				 WHERE c.meeting_id = d.meeting_id AND c.kind = 'convocation' AND a.status IN ('present', 'remote'))`},
		{"a CMTIN without documents for each audience", `
			SELECT m.id::text FROM meeting m WHERE m.body = 'cmtin'
			AND (SELECT count(DISTINCT d.audience) FROM meeting_document d WHERE d.meeting_id = m.id) < 3`},
		{"a file that does not weigh what its pieces do", `
			SELECT name FROM document d WHERE d.size <> (SELECT sum(length(c.bytes)) FROM document_chunk c WHERE c.document_id = d.id)`},
		{"a mark of Markdown nobody closed, or a straight apostrophe", `
			SELECT left(text, 60) FROM minutes_publication WHERE text ~ '[[:alpha:]]''[[:alpha:]]' OR text ~ '%!' OR text ~ '\*\*\*\*'`},
	} {
		rows, err := db.Query(t.Context(), c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(got) > 0 {
			t.Errorf("%s: %v, %v", c.what, got, err)
		}
	}
}

// registered checks what the demonstration shows of the register of structures.
func registered(t *testing.T, db postgres.DB) {
	t.Helper()
	if bad := errors.Join(roadmap.New(db).CheckInvariants(t.Context()), edition.New(db, nil, nil, "").CheckInvariants(t.Context())); bad != nil {
		t.Errorf("roadmap: %v", bad)
	}
	if bad := structure.New(db, nil, nil, "").CheckInvariants(t.Context()); bad != nil {
		t.Errorf("register: %v", bad)
	}
	type counts struct{ Accepted, Waiting, Mediation, Communes, Mismatched int }
	n, err := postgres.One[counts](t.Context(), db, `
		SELECT count(*) FILTER (WHERE state = 'accepted')::int AS accepted, count(*) FILTER (WHERE state = 'submitted')::int AS waiting,
		       count(*) FILTER (WHERE state = 'accepted' AND aladdin = 'mediation')::int AS mediation,
		       count(DISTINCT insee) FILTER (WHERE state = 'accepted')::int AS communes,
		       count(*) FILTER (WHERE siret !~ '^999' OR NOT (emails[1] LIKE '%@example.org'))::int AS mismatched
		FROM structure`)
	if err != nil || n != (counts{160, 5, 30, 28, 0}) {
		t.Errorf("structures: %+v (%v)", n, err)
	}
	numbers, err := postgres.Values[string](t.Context(), db, `SELECT siret FROM structure`)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		if _, ok := national.SIRET(n); !ok {
			t.Errorf("the key of SIRET %s is wrong", n)
		}
	}
}
