package web_test

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"bordeaux-metropole.fr/portal/internal/election"
	"bordeaux-metropole.fr/portal/internal/election/electiontest"
	"bordeaux-metropole.fr/portal/internal/postgres"
)

var receiptParts = regexp.MustCompile(`<span>([A-Za-z0-9+/]{3,4})</span>`)

// Invariant 7 of election.md, through the whole portal: votes by script and without,
// refused, and sent after the end of a session leave nothing that says who voted when,
// or what: neither the log, nor the session, nor any other table.
func TestVotesLeaveNoTrace(t *testing.T) {
	l := captureLog(t)
	s := newSite(t)
	w := electiontest.On(t, s.pool, election.Open, 3)
	voters := w.Voters[:3]
	var browsers []*browser
	for _, v := range voters {
		w.Exec(`UPDATE account SET (password_hash, password_changed_at) = (SELECT password_hash, password_changed_at FROM account WHERE email = 'structure-002@example.org') WHERE id = $1`, v.Member.Account)
		browsers = append(browsers, s.signIn(t, v.Member.Email))
	}
	w.Exec(`UPDATE session SET last_seen_at = now() - interval '1 hour', created_at = now() - interval '1 hour'`)
	const kept = `
		SELECT (SELECT string_agg(n::text || n.xmin, '|' ORDER BY n.id) FROM session n) || (SELECT count(*) FROM submission)::text || (SELECT count(*) FROM kept_form)
		    || (SELECT count(*) FROM mail) || (SELECT count(*) FROM audit_entry) || (SELECT count(*) FROM throttle)`
	before := electiontest.Value[string](w, kept)
	path := "/elections/" + strconv.FormatInt(int64(w.ID), 10) + "/vote"

	var secrets []string
	took := func(a answer) {
		t.Helper()
		number := ""
		for _, m := range receiptParts.FindAllStringSubmatch(html.UnescapeString(a.body), -1) {
			number += m[1]
		}
		if a.status != 200 || len(number) != 43 {
			t.Fatalf("status %d, tracker %q\n%s", a.status, number, a.text())
		}
		secrets = append(secrets, number, number[:8])
	}
	browsers[0].get(path)
	browsers[0].get(path + "?etape=bulletin")
	took(browsers[0].post(path, url.Values{"bulletin": {string(w.Ballot(voters[0], 1))}, "_cle": {"cle-de-double-envoi-1"}}))
	browsers[1].post(path, url.Values{"etape": {"relire"}, "choix_0": {"2"}, "_cle": {"cle-de-double-envoi-2"}})
	browsers[1].post(path, url.Values{"etape": {"voter"}, "choix_0": {"2"}, "code": {"CodeMalRecopie"}})
	took(browsers[1].post(path, url.Values{"etape": {"voter"}, "choix_0": {"2"}, "code": {voters[1].Code}, "_cle": {"cle-de-double-envoi-3"}}))
	if a := s.browser(t).post(path, url.Values{"etape": {"voter"}, "choix_0": {"3"}, "code": {voters[2].Code}}); a.status != 403 || !strings.Contains(a.body, `name="choix_0" value="3"`) || strings.Contains(a.body, voters[2].Code) {
		t.Errorf("without a session: %d\n%s", a.status, a.text())
	}
	if after := electiontest.Value[string](w, kept); after != before {
		t.Errorf("votes changed sessions, keys, kept forms, mails or the journal:\n%s\n%s", before, after)
	}

	// The session of the third ends while it votes: the row is not touched either.
	w.Exec(`UPDATE session SET revoked_at = now() WHERE account_id = $1`, voters[2].Member.Account)
	before = electiontest.Value[string](w, kept)
	if a := browsers[2].post(path, url.Values{"choix_0": {"3"}, "etape": {"relire"}}); a.status != 403 {
		t.Errorf("after the end of the session: %d", a.status)
	}
	if after := electiontest.Value[string](w, kept); after != before {
		t.Error("a ballot sent after the end of the session is kept")
	}
	for _, v := range voters {
		secrets = append(secrets, v.Code, v.Code[:12])
	}
	nothingLogged(t, l.String(), path, append(secrets, "CodeMalRecopie", "choix_0", voters[0].Member.Email))
	nothingStored(t, w, append(slices.Clone(secrets[4:]), "choix_0", "CodeMalRecopie"))
}

// nothingLogged reads the lines of the log about the pages where one votes.
func nothingLogged(t *testing.T, log, path string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	lines := 0
	for text := range strings.Lines(log) {
		var line struct {
			Time time.Time
			Path string
			ID   string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil || line.Path != path {
			continue
		}
		lines++
		if line.Time.Minute() != 0 || line.Time.Second() != 0 || line.Time.Nanosecond() != 0 || line.ID != "" {
			t.Errorf("the log says when somebody voted: %s", text)
		}
	}
	if lines < 7 {
		t.Errorf("%d lines about votes: the log must count them", lines)
	}
}

// nothingStored looks for codes and choices in every line of every table, as who holds a
// dump of the database would.
func nothingStored(t *testing.T, w *electiontest.World, secrets []string) {
	t.Helper()
	tables, err := postgres.Values[string](t.Context(), w.DB, `SELECT quote_ident(table_name) FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
	if err != nil || len(tables) < 50 {
		t.Fatal(len(tables), err)
	}
	var each []string
	for _, table := range tables {
		each = append(each, `SELECT '`+table+`' AS name FROM `+table+` r WHERE EXISTS (SELECT FROM unnest($1::text[]) s WHERE strpos(r::text, s) > 0 OR strpos(r::text, encode(convert_to(s, 'UTF8'), 'hex')) > 0)`)
	}
	rows, err := w.DB.Query(t.Context(), strings.Join(each, " UNION ALL "), secrets)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		t.Errorf("table %s holds a code or a choice", name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// No table has a column about who votes beside one about a ballot: what joins them is
// not in the schema.
func TestNoTableJoinsVoterAndBallot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	joined, err := postgres.Values[string](t.Context(), s.pool, `
		SELECT a.table_name || '.' || a.column_name || '+' || b.column_name
		FROM information_schema.columns a JOIN information_schema.columns b USING (table_schema, table_name)
		WHERE a.table_schema = 'public' AND b.column_name IN ('tracker', 'credential', 'via')
		  AND a.column_name ~ '(structure|organisation|person|account|session|_by$|_at$|email|address|ip$)'
		UNION ALL
		SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name IN ('emargement', 'ballot_index', 'public_credential', 'board_record')
		  AND (data_type LIKE 'timestamp%' OR column_name ~ '(person|account|session)' OR data_type = 'USER-DEFINED')`)
	if err != nil {
		t.Fatal(err)
	}
	if len(joined) > 0 {
		t.Errorf("the schema joins who votes and ballots: %v", joined)
	}
}
