package meeting

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/document"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// desk is a meeting of the GNI with two points, a member who is convened, and the
// service, in a database of its own.
type desk struct {
	t       testing.TB
	db      postgres.DB
	s       *Service
	meeting ID
	points  [2]ItemID
	member  access.Actor
	token   string
}

var deskTeam = access.Actor{Account: 1, Person: 9_000_001, Name: "Camille Équipe", Acting: access.Capacity{Role: access.Team}, RequestID: "test"}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{t: t, db: pgtest.Tx(t)}
	d.s = New(d.db, nil, "https://portail.example.org")
	d.meeting = docValue[ID](d, `INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, announced)
		VALUES ('gni', '2027-03-11 13:00+00', '2027-03-11 15:00+00', 'Salle A', 'Aidants', 'draft', true) RETURNING id`)
	d.points[0] = docValue[ItemID](d, `INSERT INTO agenda_item (meeting_id, position, title, kind) VALUES ($1, 1, 'Budget : suites / bilan', 'decision') RETURNING id`, d.meeting)
	d.points[1] = docValue[ItemID](d, `INSERT INTO agenda_item (meeting_id, parent_id, position, title, kind) VALUES ($1, $2, 1, 'Aides', 'information') RETURNING id`, d.meeting, d.points[0])
	person := docValue[access.PersonID](d, `INSERT INTO person (first_name, last_name, email) VALUES ('Alix', 'Membre', 'alix.membre@example.org') RETURNING id`)
	d.member = access.Actor{Account: 2, Person: person, Name: "Alix Membre", Acting: access.Capacity{Role: access.Structure}}
	guest := docValue[GuestID](d, `INSERT INTO meeting_guest (meeting_id, role, name, email) VALUES ($1, 'guest', 'Alix Membre', 'alix.membre@example.org') RETURNING id`, d.meeting)
	convocation := docValue[ConvocationID](d, `INSERT INTO convocation (meeting_id, kind, guest_id, person_id, name, seat_label, group_name)
		VALUES ($1, 'invitation', $2, $3, 'Alix Membre', 'Invité', 'Invités') RETURNING id`, d.meeting, guest, person)
	token, hash := newToken()
	d.token = token
	d.exec(`INSERT INTO convocation_link (token_hash, convocation_id) VALUES ($1, $2)`, hash, convocation)
	return d
}

func docValue[T any](d *desk, sql string, args ...any) (v T) {
	d.t.Helper()
	if err := d.db.QueryRow(d.t.Context(), sql, args...).Scan(&v); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func (d *desk) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.db.Exec(d.t.Context(), sql, args...); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

func (d *desk) convene() {
	d.t.Helper()
	d.exec(`UPDATE meeting SET state = 'convened', convened_at = now() WHERE id = $1`, d.meeting)
}

func (d *desk) add(item ItemID, title string, a Audience, content string) DocumentID {
	d.t.Helper()
	u, err := document.Check("note de travail.csv", strings.NewReader(content))
	if err != nil {
		d.t.Fatal(err)
	}
	id, err := d.s.AddDocument(d.t.Context(), deskTeam, d.meeting, item, title, a, u)
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

func docProblem(t testing.TB, what string, err error, kind problem.Kind, field string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field {
		t.Errorf("%s: %v", what, err)
	}
}

// TestDocumentReaders: who opens what, before the meeting is convened and after.
func TestDocumentReaders(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := map[Audience]DocumentID{}
	for _, a := range Audiences {
		ids[a] = d.add(0, "Pour "+string(a), a, "contenu "+string(a))
	}
	readers := map[string]access.Actor{"public": {}, "member": d.member, "team": deskTeam,
		"stranger": {Account: 3, Person: 9_000_002, Acting: access.Capacity{Role: access.Mayor}}}
	check := func(when string, reads map[string][]Audience) {
		t.Helper()
		for who, actor := range readers {
			for _, a := range Audiences {
				_, r, err := d.s.OpenDocument(t.Context(), actor, d.meeting, ids[a])
				want := false
				for _, x := range reads[who] {
					want = want || x == a
				}
				if !want {
					docProblem(t, when+", "+who+", "+string(a), err, problem.NotFound, "")
					continue
				}
				if err != nil {
					t.Errorf("%s, %s, %s: %v", when, who, a, err)
					continue
				}
				if b, err := io.ReadAll(r); err != nil || string(b) != "contenu "+string(a) {
					t.Errorf("%s, %s, %s: %q, %v", when, who, a, b, err)
				}
			}
		}
		for _, a := range Audiences {
			_, _, err := d.s.OpenDocumentByToken(t.Context(), d.token, ids[a])
			if want := len(reads["member"]) > 0 && a != ForTeam; (err == nil) != want {
				t.Errorf("%s, by link, %s: %v", when, a, err)
			}
		}
	}
	all := []Audience{ForPublic, ForMembers, ForTeam}
	check("draft", map[string][]Audience{"team": all})
	d.convene()
	check("convened", map[string][]Audience{"team": all, "member": all[:2], "public": all[:1], "stranger": all[:1]})

	if _, _, err := d.s.OpenDocumentByToken(t.Context(), "inconnu", ids[ForPublic]); problem.KindOf(err) != problem.NotFound {
		t.Errorf("unknown link: %v", err)
	}
	d.exec(`UPDATE convocation_link SET revoked_at = now()`)
	if _, _, err := d.s.OpenDocumentByToken(t.Context(), d.token, ids[ForPublic]); problem.KindOf(err) != problem.NotFound {
		t.Errorf("revoked link: %v", err)
	}
	// By the address of another meeting, or once the meeting is nobody's business.
	other := docValue[ID](d, `INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, announced)
		VALUES ('gni', '2027-05-11 13:00+00', '2027-05-11 15:00+00', 'Salle A', '', 'draft', true) RETURNING id`)
	if _, _, err := d.s.OpenDocument(t.Context(), deskTeam, other, ids[ForPublic]); problem.KindOf(err) != problem.NotFound {
		t.Errorf("through another meeting: %v", err)
	}
}

func TestDocumentLife(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.add(d.points[1], "", ForMembers, "a;b")
	list, err := d.s.DocumentsOf(t.Context(), d.db, d.meeting, Backstage)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	if x := list[0]; x.Title != "note de travail" || x.ItemNumber != "1.1" || x.File.Label() != "CSV" || x.File.Size != 3 || x.AddedBy != "Camille Équipe" {
		t.Errorf("listed %+v", x)
	}
	change := DocumentChange{Meeting: d.meeting, ID: id, Version: 1, Title: "Note", Audience: ForPublic}
	if err := d.s.ChangeDocument(t.Context(), deskTeam, change); err != nil {
		t.Fatal(err)
	}
	docProblem(t, "stale", d.s.ChangeDocument(t.Context(), deskTeam, change), problem.Conflict, "")
	docProblem(t, "stale removal", d.s.RemoveDocument(t.Context(), deskTeam, d.meeting, id, 1), problem.Conflict, "")
	docProblem(t, "member removes", d.s.RemoveDocument(t.Context(), d.member, d.meeting, id, 2), problem.Forbidden, "")
	change.Version = 2
	for what, c := range map[string]struct {
		title    string
		audience Audience
		item     ItemID
		field    string
	}{
		"no title":      {"", ForTeam, 0, "titre"},
		"long title":    {strings.Repeat("é", 201), ForTeam, 0, "titre"},
		"no audience":   {"Note", "", 0, "diffusion"},
		"foreign point": {"Note", ForTeam, 999_999, "point"},
	} {
		bad := change
		bad.Title, bad.Audience, bad.Item = c.title, c.audience, c.item
		docProblem(t, what, d.s.ChangeDocument(t.Context(), deskTeam, bad), problem.Invalid, c.field)
	}
	if err := d.s.RemoveDocument(t.Context(), deskTeam, d.meeting, id, 2); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.s.OpenDocument(t.Context(), deskTeam, d.meeting, id); !errors.Is(err, ErrNoDocument) {
		t.Errorf("a removed document opens: %v", err)
	}
	docProblem(t, "change of a removed one", d.s.ChangeDocument(t.Context(), deskTeam, change), problem.NotFound, "")
	if n := docValue[int](d, `SELECT count(*) FROM audit_entry WHERE object = 'meeting' AND object_id = $1 AND action LIKE 'meeting_document.%'`, d.meeting); n != 3 {
		t.Errorf("%d acts in the journal", n)
	}
}

func TestAddDocumentsAllOrNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	csv := func(s string) document.Upload {
		return document.Upload{Name: "a.csv", MediaType: "text/csv", Content: strings.NewReader(s)}
	}
	_, err := d.s.AddDocuments(t.Context(), deskTeam, d.meeting, 0, "Un titre", ForTeam, []document.Upload{csv("x"), csv("y")})
	docProblem(t, "one title for two", err, problem.Invalid, "titre")
	_, err = d.s.AddDocuments(t.Context(), deskTeam, d.meeting, 0, "", ForTeam, nil)
	docProblem(t, "no file", err, problem.Invalid, "fichiers")
	// The second is empty, which the schema refuses: the first does not stay.
	if _, err = d.s.AddDocuments(t.Context(), deskTeam, d.meeting, 0, "", ForTeam, []document.Upload{csv("x"), csv("")}); err == nil {
		t.Error("an empty file is stored")
	}
	if n := docValue[int](d, `SELECT (SELECT count(*) FROM meeting_document) + (SELECT count(*) FROM document)`); n != 0 {
		t.Errorf("%d rows stay of what failed", n)
	}
	if ids, err := d.s.AddDocuments(t.Context(), deskTeam, d.meeting, 0, "", ForTeam, []document.Upload{csv("x"), csv("y")}); err != nil || len(ids) != 2 {
		t.Errorf("two files: %v, %v", ids, err)
	}
	_, err = d.s.AddDocuments(t.Context(), d.member, d.meeting, 0, "", ForTeam, []document.Upload{csv("x")})
	docProblem(t, "by a member", err, problem.Forbidden, "")
}

func TestDossier(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.convene()
	if _, err := d.s.Dossier(t.Context(), deskTeam, d.meeting, nil); problem.KindOf(err) != problem.NotFound {
		t.Errorf("an empty dossier: %v", err)
	}
	d.add(d.points[1], "Aides 1/2", ForPublic, "1")
	d.add(d.points[0], "../../Note", ForMembers, "2")
	d.add(0, "Plan", ForPublic, "3")
	d.add(0, "PLAN", ForPublic, "4")
	d.add(0, "Interne", ForTeam, "5")
	names := func(by access.Actor, extra ...ZipFile) string {
		t.Helper()
		z, err := d.s.Dossier(t.Context(), by, d.meeting, extra)
		if err != nil {
			t.Fatal(err)
		}
		var b, again bytes.Buffer
		if err := errors.Join(z.Write(t.Context(), &b), z.Write(t.Context(), &again)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Error("two archives of the same documents differ")
		}
		r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, f := range r.File {
			c, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(c)
			if err != nil {
				t.Fatal(err)
			}
			rest, ok := strings.CutPrefix(f.Name, "2027-03-11 Réunion du GNI/")
			if !ok {
				t.Errorf("outside the folder of the meeting: %s", f.Name)
			}
			out = append(out, rest+"="+string(text))
		}
		return strings.Join(out, "\n")
	}
	public := "Documents de la réunion/Plan.csv=3\nDocuments de la réunion/PLAN (2).csv=4"
	if got := names(access.Actor{}); got != public+"\n1.1 Aides/Aides 1-2.csv=1" {
		t.Errorf("for the public:\n%s", got)
	}
	want := "Convocation.pdf=%PDF\n" + public + "\nDocuments de la réunion/Interne.csv=5\n" +
		"1 Budget - suites - bilan/-..-Note.csv=2\n1.1 Aides/Aides 1-2.csv=1"
	if got := names(deskTeam, ZipFile{"Convocation.pdf", []byte("%PDF")}); got != want {
		t.Errorf("for the team:\n%s\nwant\n%s", got, want)
	}
}
