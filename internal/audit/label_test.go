package audit

import "testing"

func TestLabel(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"journal.verify":   "Vérification du journal",
		"seat.start":       "Seat start",
		"body.set_notice":  "Body set notice",
		"":                 "",
		"no dot":           "No dot",
		"évènement.publié": "Évènement publié",
	}
	for action, want := range tests {
		if got := Label(action); got != want {
			t.Errorf("Label(%q) = %q, want %q", action, got, want)
		}
	}
}

func TestNameTwice(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("naming an action twice did not panic")
		}
	}()
	Name(map[string]string{"journal.verify": "Autre nom"})
}

func TestActions(t *testing.T) {
	t.Parallel()
	list := Actions()
	for i := 1; i < len(list); i++ {
		if Label(list[i-1]) > Label(list[i]) {
			t.Errorf("Actions() has %q before %q", list[i-1], list[i])
		}
	}
}

func TestFieldLabel(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"starts_on": "Début", "StartsOn": "Début", "email": "Adresse électronique", "Email": "Adresse électronique",
		"noticeDays": "Notice days", "ID": "Id", "": "",
	}
	for key, want := range tests {
		if got := fieldLabel(key); got != want {
			t.Errorf("fieldLabel(%q) = %q, want %q", key, got, want)
		}
	}
}
