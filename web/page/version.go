package page

import (
	"bordeaux-metropole.fr/portal/web/form"
	"bordeaux-metropole.fr/portal/web/ui"
)

// SeenVersion is what the hidden field « version » of a form shown again holds: the
// version the person was reading, so that a change made meanwhile is still found out
// after a correction; the one of now once both versions are shown.
func SeenVersion(f *form.Form, now int, both []ui.Version) string {
	if seen := f.Value("version"); seen != "" && len(both) == 0 {
		return seen
	}
	return IDText(now)
}
