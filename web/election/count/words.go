package count

import (
	"encoding/hex"
	"strings"

	"bordeaux-metropole.fr/portal/internal/election/count"
)

func hexa(b []byte) string { return hex.EncodeToString(b) }

// grouped sets a fingerprint in groups of four, for who reads it aloud.
func grouped(s string) string {
	var out []string
	for ; len(s) > 4; s = s[4:] {
		out = append(out, s[:4])
	}
	return strings.Join(append(out, s), " ")
}

func fingerprint(k count.KeyHolder) string {
	t, err := k.Trustee()
	if err != nil {
		return "—"
	}
	return t.Fingerprint()
}

func publicKey(k count.KeyHolder) string {
	t, err := k.Trustee()
	if err != nil {
		return ""
	}
	return t.PublicKey.String()
}
