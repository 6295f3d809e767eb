package web_test

import (
	"strings"
	"testing"
)

// roadmapPaths gives real addresses to the patterns of the roadmap: pairs for a
// strings.Replacer, none for a pattern of another area.
func (s *site) roadmapPaths(t testing.TB) func(pattern string) []string {
	t.Helper()
	var (
		action    = s.text(t, `SELECT min(a.id)::text FROM roadmap_action a JOIN action_commune c ON c.action_id = a.id JOIN commune k USING (organisation_id) WHERE k.slug = 'begles' AND a.status = 'in_progress' AND EXISTS (SELECT FROM action_indicator i WHERE i.action_id = a.id)`)
		step      = s.text(t, `SELECT min(id)::text FROM action_step WHERE action_id = $1::bigint`, action)
		line      = s.text(t, `SELECT min(id)::text FROM budget_line WHERE action_id = $1::bigint`, action)
		measure   = s.text(t, `SELECT min(id)::text FROM action_indicator WHERE action_id = $1::bigint`, action)
		reading   = s.text(t, `SELECT coalesce(min(id), 0)::text FROM indicator_reading WHERE indicator_id = $1::bigint`, measure)
		axis      = s.text(t, `SELECT min(id)::text FROM axis`)
		open      = s.text(t, `SELECT id::text FROM campaign WHERE closed_at IS NULL`)
		closed    = s.text(t, `SELECT min(id)::text FROM campaign WHERE closed_at IS NOT NULL`)
		report    = s.text(t, `SELECT min(id)::text FROM progress_report WHERE campaign_id = $1::bigint AND state = 'sent'`, open)
		proposal  = s.text(t, `SELECT min(id)::text FROM roadmap_action WHERE status = 'proposed'`)
		frozen    = s.text(t, `SELECT max(year)::text FROM edition WHERE state = 'frozen'`)
		preparing = s.text(t, `SELECT year::text FROM edition WHERE state <> 'frozen'`)
		note      = s.text(t, `SELECT min(id)::text FROM governance_note`)
		photo     = []string{s.text(t, `SELECT document_id::text FROM report_document LIMIT 1`), s.text(t, `SELECT report_id::text FROM report_document LIMIT 1`),
			s.text(t, `SELECT r.action_id::text FROM report_document d JOIN progress_report r ON r.id = d.report_id LIMIT 1`)}
	)
	return func(pattern string) []string {
		files := []string{"{ext:(csv|xlsx|pdf)}", "csv", "{ext:(csv|xlsx|json|pdf)}", "json"}
		switch {
		case strings.Contains(pattern, "/points/{point:[0-9]+}/documents/"):
			return []string{"{document:[0-9a-f-]{36}}", photo[0], "{point:[0-9]+}", photo[1], "{id:[0-9]+}", photo[2]}
		case strings.HasPrefix(pattern, "/equipe/feuille-de-route/axes/"):
			return []string{"{id:[0-9]+}", axis}
		case strings.HasPrefix(pattern, "/equipe/feuille-de-route/import/"):
			return []string{"{id:[0-9]+}", "1"}
		case strings.HasPrefix(pattern, "/equipe/feuille-de-route/actions/"), strings.HasPrefix(pattern, "/mes-actions/"), strings.HasPrefix(pattern, "/feuille-de-route/actions/"):
			return []string{"{id:[0-9]+}", action, "{etape:[0-9]+}", step, "{ligne:[0-9]+}", line, "{indicateur:[0-9]+}", measure, "{valeur:[0-9]+}", reading, "{document:[0-9]+}", "1"}
		case strings.HasPrefix(pattern, "/equipe/campagnes/"):
			id := open
			if strings.Contains(pattern, "/dossier") {
				id = closed
			}
			return append(files, "{id:[0-9]+}", id, "{point:[0-9]+}", report, "{insee:[0-9AB]{5}}", "33039")
		case strings.HasPrefix(pattern, "/campagnes/"):
			return append(files, "{id:[0-9]+}", closed)
		case strings.HasPrefix(pattern, "/feuille-de-route/propositions/"):
			return []string{"{id:[0-9]+}", proposal}
		case strings.HasPrefix(pattern, "/equipe/programmes/"):
			return []string{"{annee:[0-9]{4}}", preparing, "{id:[0-9]+}", proposal}
		case strings.HasPrefix(pattern, "/feuille-de-route/editions/"):
			return append(files, "{annee:[0-9]{4}}", frozen)
		case strings.HasPrefix(pattern, "/equipe/note/"), strings.HasPrefix(pattern, "/notes/"):
			return []string{"{id:[0-9]+}", note}
		}
		return nil
	}
}
