package ceremony

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"bordeaux-metropole.fr/portal/internal/access"
	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/notify"
	"bordeaux-metropole.fr/portal/internal/postgres"
	"bordeaux-metropole.fr/portal/internal/problem"
)

// Designation says who holds which key: Owner is the place in the list, from 1.
type Designation struct {
	Person  access.PersonID
	Quality string // « bureau », « délégué du collège de l’action sociale »
	Escrow  string // who keeps the sealed envelope
}

// Scrutineer is somebody who may be given a key.
type Scrutineer struct {
	Person access.PersonID `db:"person_id"`
	Name   string          `db:"name"`
	Team   bool            `db:"team"`
}

// scrutineersSQL lists who may hold a key: the people to whom an administrator gave the
// role, and whose account is open.
const scrutineersSQL = `
	SELECT p.id AS person_id, p.first_name || ' ' || p.last_name AS name,
	       EXISTS (SELECT FROM role_grant t WHERE t.account_id = a.id AND t.ended_at IS NULL AND t.role IN ('team', 'administrator')) AS team
	FROM person p JOIN account a ON a.person_id = p.id JOIN role_grant g ON g.account_id = a.id
	WHERE g.role = 'scrutineer' AND g.ended_at IS NULL AND a.disabled_at IS NULL
	ORDER BY fold(p.last_name), fold(p.first_name), p.id LIMIT 200`

// Seen sums up who was named, so that a form tells which state it was filled from.
func (v State) Seen() string {
	h := sha256.New()
	for _, x := range v.Holders {
		fmt.Fprintf(h, "%d|%d|%q|%q\n", x.Owner, x.Person, x.Quality, x.Escrow)
	}
	if v.Authority != nil {
		fmt.Fprintf(h, "%q", *v.Authority)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Designate names all the key holders, in order, and who makes the codes, over the state
// the form was filled from. A person named again keeps the key they gave; the keys of the
// others go, and with them the rehearsal. Fields: porteur_1, qualite_1, enveloppe_1…,
// autorite_nom, autorite_qualite, autorite_courriel.
func (s *Service) Designate(ctx context.Context, by access.Actor, id election.ID, seen string, list []Designation, authority Authority) error {
	return s.act(ctx, by, id, team, func(tx pgx.Tx, e election.Election) error {
		if err := notSetUp(ctx, tx, e); err != nil {
			return err
		}
		v, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		if v.Seen() != seen {
			return election.ErrStale
		}
		authority.Email = strings.ToLower(authority.Email)
		if err := checkDesignations(ctx, tx, v, list, authority); err != nil {
			return err
		}
		if err := write(ctx, tx, e, list, authority); err != nil {
			return err
		}
		if err := dropRehearsal(ctx, tx, e); err != nil {
			return err
		}
		if err := record(ctx, tx, by, e, StepHolders, ""); err != nil {
			return err
		}
		after, err := load(ctx, tx, e)
		if err != nil {
			return err
		}
		if err := election.Record(ctx, tx, by, "trustee", e, v.named(), after.named()); err != nil {
			return err
		}
		return s.tell(ctx, tx, e, "Vous portez une clé de l’urne",
			"Vous êtes désigné pour porter une des clés de « "+e.Title+" ». Créez votre clé sur le portail : sans elle, l’urne ne peut pas être préparée.", "Créer ma clé")
	})
}

// named is what the journal keeps of who was named.
func (v State) named() map[string]any {
	out := map[string]any{}
	for _, h := range v.Holders {
		out[fmt.Sprintf("clé %d", h.Owner)] = h.Name + ", " + h.Quality
	}
	if v.Authority != nil {
		out["codes"] = v.Authority.Name
	}
	return out
}

func checkDesignations(ctx context.Context, tx pgx.Tx, v State, list []Designation, authority Authority) error {
	if n := v.Election.Rules.Trustees; len(list) != n {
		return problem.New(problem.Invalid, fmt.Sprintf("Le règlement demande %d porteurs de clés.", n))
	}
	if err := authority.check(); err != nil {
		return err
	}
	allowed := map[access.PersonID]Scrutineer{}
	for _, p := range v.Scrutineers {
		allowed[p.Person] = p
	}
	seen, ours := map[access.PersonID]bool{}, 0
	for i, d := range list {
		p, ok := allowed[d.Person]
		if p.Team {
			ours++
		}
		n := i + 1
		switch {
		case !ok:
			return problem.OnField(fmt.Sprintf("porteur_%d", n), "Choisissez une personne qui a le rôle de scrutateur et un compte ouvert.")
		case seen[d.Person]:
			return problem.OnField(fmt.Sprintf("porteur_%d", n), "Cette personne porte déjà une autre clé : chaque clé a son porteur.")
		case ours > 1:
			return problem.OnField(fmt.Sprintf("porteur_%d", n), "Une seule clé peut être portée par une personne de l’équipe ou de l’administration du portail.")
		case d.Quality == "" || len(d.Quality) > 200:
			return problem.OnField(fmt.Sprintf("qualite_%d", n), "Dites à quel titre cette personne porte une clé, en 200 signes au plus.")
		case d.Escrow == "" || len(d.Escrow) > 300:
			return problem.OnField(fmt.Sprintf("enveloppe_%d", n), "Dites qui garde l’enveloppe scellée, en 300 signes au plus.")
		}
		seen[d.Person] = true
	}
	return checkApart(ctx, tx, list, authority)
}

func (a Authority) check() error {
	switch {
	case a.Name == "" || len(a.Name) > 160:
		return problem.OnField("autorite_nom", "Saisissez le nom de la personne qui fabrique les codes, en 160 signes au plus.")
	case a.Quality == "" || len(a.Quality) > 200:
		return problem.OnField("autorite_qualite", "Dites à quel titre cette personne fabrique les codes, en 200 signes au plus.")
	case !notify.Deliverable(a.Email):
		return problem.OnField("autorite_courriel", "Saisissez une adresse électronique complète, par exemple prenom.nom@exemple.fr.")
	}
	return nil
}

// checkApart refuses that who makes the codes also holds a key, or runs the portal: with
// both, one could vote for those who abstain, or open the boxes. People are told apart by
// address and by name.
func checkApart(ctx context.Context, tx pgx.Tx, list []Designation, a Authority) error {
	people := make([]int64, len(list))
	for i, d := range list {
		people[i] = int64(d.Person)
	}
	why, err := postgres.Values[string](ctx, tx, `
		SELECT CASE WHEN p.id = ANY ($1::bigint[]) THEN 'key' ELSE 'team' END FROM person p
		WHERE (p.email = $2 OR fold(p.first_name || ' ' || p.last_name) = fold($3)
		       OR EXISTS (SELECT FROM account a WHERE a.person_id = p.id AND a.email = $2))
		  AND (p.id = ANY ($1::bigint[]) OR EXISTS (SELECT FROM account a JOIN role_grant g ON g.account_id = a.id
		       WHERE a.person_id = p.id AND g.ended_at IS NULL AND g.role IN ('team', 'administrator')))
		ORDER BY 1 LIMIT 1`, people, a.Email, a.Name)
	switch {
	case err != nil:
		return postgres.Wrap(err, "look who makes the codes")
	case len(why) == 0:
		return nil
	case why[0] == "key":
		return problem.OnField("autorite_courriel", "Cette personne porte une clé : elle ne peut pas aussi fabriquer les codes.")
	}
	return problem.OnField("autorite_courriel", "Cette personne gère le portail : les codes sont fabriqués par une personne extérieure à l’équipe.")
}

// write replaces who was named; who stays keeps their key.
func write(ctx context.Context, tx pgx.Tx, e election.Election, list []Designation, a Authority) error {
	n := len(list)
	people, qualities, escrows := make([]int64, n), make([]string, n), make([]string, n)
	for i, d := range list {
		people[i], qualities[i], escrows[i] = int64(d.Person), d.Quality, d.Escrow
	}
	type key struct {
		Person     int64      `db:"person_id"`
		PublicKey  string     `db:"public_key"`
		UploadedAt *time.Time `db:"uploaded_at"`
	}
	kept, err := postgres.List[key](ctx, tx, `DELETE FROM election_trustee WHERE election_id = $1 RETURNING person_id, public_key, uploaded_at`, e.ID)
	if err != nil {
		return postgres.Wrap(err, "replace the key holders of election %d", e.ID)
	}
	keyOf := map[int64]key{}
	for _, k := range kept {
		keyOf[k.Person] = k
	}
	keys, given := make([]string, n), make([]*time.Time, n)
	for i, p := range people {
		keys[i], given[i] = keyOf[p].PublicKey, keyOf[p].UploadedAt
	}
	if _, err := postgres.Exec(ctx, tx, `
		INSERT INTO election_trustee (election_id, owner, person_id, quality, escrow, public_key, uploaded_at)
		SELECT $1, n, p, q, v, k, g
		FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) WITH ORDINALITY AS x (p, q, v, k, g, n)`, e.ID, people, qualities, escrows, keys, given); err != nil {
		return postgres.Wrap(err, "key holders of election %d", e.ID)
	}
	_, err = postgres.Exec(ctx, tx, `
		INSERT INTO election_authority (election_id, name, quality, email) VALUES ($1, $2, $3, $4)
		ON CONFLICT (election_id) DO UPDATE SET name = excluded.name, quality = excluded.quality, email = excluded.email`, e.ID, a.Name, a.Quality, a.Email)
	return postgres.Wrap(err, "authority of election %d", e.ID)
}
