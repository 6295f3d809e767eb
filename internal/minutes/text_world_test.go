package minutes

import (
	"errors"
	"fmt"
	"testing"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/day"
	"bordeaux-metropole.fr/portal/internal/meeting"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/postgres/pgtest"
	"bordeaux-metropole.fr/portal/internal/problem"

	"github.com/jackc/pgx/v5/pgxpool"
)

// desk is a database with a held session of the CMTIN, its chair, a member, a guest
// and two people of the team.
type desk struct {
	t             testing.TB
	s             *Service
	db            *pgxpool.Pool
	id            meeting.ID
	one, two      access.Actor // the team
	chair, member access.Actor
	chairConv     meeting.ConvocationID
	memberConv    meeting.ConvocationID
	guestConv     meeting.ConvocationID
	today         day.Day
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	db := pgtest.Pool(t)
	jobs, err := notify.NewInserter(db)
	if err != nil {
		t.Fatal(err)
	}
	outbox := notify.NewOutbox(jobs)
	d := &desk{t: t, db: db, s: New(db, meeting.New(db, outbox, "http://portail.example.org"), outbox, "http://portail.example.org")}
	d.one, d.two = d.person("Camille", "Équipe", access.Team), d.person("Sacha", "Équipe", access.Team)
	d.chair, d.member = d.person("Dominique", "Présidente", access.Chair), d.person("Alix", "Membre", access.Partner)
	d.id = meeting.ID(d.number(`INSERT INTO meeting (body, starts_at, ends_at, place, theme, state, announced, opened_at, closed_at, chair_present, state_present)
		VALUES ('cmtin', '2026-11-05 09:00 Europe/Paris', '2026-11-05 12:00 Europe/Paris', 'Salle du Conseil', 'Santé', 'held', true,
		        '2026-11-05 09:05 Europe/Paris', '2026-11-05 11:50 Europe/Paris', true, false) RETURNING id`))
	d.chairConv, d.memberConv = d.convene(d.chair, true, "Présidence"), d.convene(d.member, false, "Partenaires institutionnels")
	guest := d.number(`INSERT INTO meeting_guest (meeting_id, role, name, email) VALUES ($1, 'expert', 'Claude Exemple', 'claude@example.org') RETURNING id`, d.id)
	d.guestConv = meeting.ConvocationID(d.number(`INSERT INTO convocation (meeting_id, kind, guest_id, name, seat_label, group_name, email)
		VALUES ($1, 'invitation', $2, 'Claude Exemple', 'Expertise nationale', 'Personnes invitées', 'claude@example.org') RETURNING id`, d.id, guest))
	if d.today, err = postgres.Value[day.Day](t.Context(), db, `SELECT paris_today()`); err != nil {
		t.Fatal(err)
	}
	return d
}

// person makes somebody with an account and, for the team, its role.
func (d *desk) person(first, last string, role access.Role) access.Actor {
	d.t.Helper()
	email := fmt.Sprintf("p%d@example.org", d.number(`SELECT count(*) FROM person`))
	id := d.number(`INSERT INTO person (first_name, last_name, email) VALUES ($1, $2, $3) RETURNING id`, first, last, email)
	account := d.number(`INSERT INTO account (person_id, email) VALUES ($1, $2) RETURNING id`, id, email)
	if role == access.Team {
		d.number(`INSERT INTO role_grant (account_id, role) VALUES ($1, 'team') RETURNING id`, account)
	}
	return access.Actor{Account: access.AccountID(account), Person: access.PersonID(id), Name: first + " " + last, Email: email,
		Acting: access.Capacity{Role: role}, RequestID: "test"}
}

func (d *desk) convene(who access.Actor, chairs bool, group string) meeting.ConvocationID {
	d.t.Helper()
	return meeting.ConvocationID(d.number(`
		INSERT INTO convocation (meeting_id, kind, seat_id, person_id, name, seat_label, group_position, group_name, chairs, email)
		SELECT $1, 'convocation', s.id, $2, $3, s.label, 1, $4, $5, $6 FROM seat s
		WHERE NOT EXISTS (SELECT FROM convocation c WHERE c.meeting_id = $1 AND c.seat_id = s.id) ORDER BY s.id LIMIT 1 RETURNING id`,
		d.id, who.Person, who.Name, group, chairs, who.Email))
}

func (d *desk) number(sql string, args ...any) (n int64) {
	d.t.Helper()
	if err := d.db.QueryRow(d.t.Context(), sql, args...).Scan(&n); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func (d *desk) exec(sql string, args ...any) {
	d.t.Helper()
	if _, err := d.db.Exec(d.t.Context(), sql, args...); err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
}

func (d *desk) sheet(by access.Actor) Sheet {
	d.t.Helper()
	v, err := sheet(d.t.Context(), d.db, by, d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	return v
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// refused checks the kind and the field of a refusal.
func (d *desk) refused(doing string, err error, kind problem.Kind, field string) {
	d.t.Helper()
	p, ok := errors.AsType[*problem.Error](err)
	if !ok || p.Kind != kind || p.Field != field {
		d.t.Errorf("%s: got %v, want a problem of kind %d on field %q", doing, err, kind, field)
	}
}

// version is that of the minutes now.
func (d *desk) version() int { d.t.Helper(); return d.sheet(d.one).Version }

// begin starts the minutes and gives them a text.
func (d *desk) begin(text string) {
	d.t.Helper()
	d.must(d.s.Start(d.t.Context(), d.one, d.id))
	d.must(d.s.Save(d.t.Context(), d.one, d.id, d.version(), text, ""))
}

// review sends the minutes for review, for a week.
func (d *desk) review() {
	d.t.Helper()
	_, err := d.s.SendForReview(d.t.Context(), d.one, d.id, d.version(), d.today.AddDays(7))
	d.must(err)
}

func (d *desk) mails(kind string) int64 {
	d.t.Helper()
	return d.number(`SELECT (SELECT count(*) FROM mail WHERE kind = $1) + (SELECT count(*) FROM digest_item WHERE kind = $1)`, kind)
}
