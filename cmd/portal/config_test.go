package main

import (
	"strings"
	"testing"
)

func TestReadConfig(t *testing.T) {
	t.Parallel()
	production := map[string]string{
		"PORTAL_ENV": "production", "DATABASE_URL": "postgres://portal@/portal", "PORTAL_BASE_URL": "https://portail.example.org",
		"SMTP_URL": "smtp://localhost:25", "PORTAL_CONTACT": "contact@example.org",
	}
	for _, c := range []struct {
		name   string
		set    map[string]string
		refuse string // part of the message; "": accepted
	}{
		{"nothing set", nil, ""},
		{"production", production, ""},
		{"production, no database", map[string]string{"DATABASE_URL": ""}, "DATABASE_URL"},
		{"production, in clear", map[string]string{"PORTAL_BASE_URL": "http://portail.example.org"}, "https"},
		{"production, no base URL", map[string]string{"PORTAL_BASE_URL": ""}, "https"},
		{"production, no mail", map[string]string{"SMTP_URL": ""}, "SMTP_URL"},
		{"production, no contact", map[string]string{"PORTAL_CONTACT": ""}, "PORTAL_CONTACT"},
		{"production, another provider", map[string]string{"OIDC_ISSUER": "https://oidc.example.org"}, "OIDC_ISSUER"},
		{"neither", map[string]string{"PORTAL_ENV": "prod"}, "PORTAL_ENV"},
		{"a contact that is none", map[string]string{"PORTAL_CONTACT": "nous"}, "PORTAL_CONTACT"},
		{"a sender that is none", map[string]string{"PORTAL_MAIL_FROM": "a@b\nBcc: c@d"}, "PORTAL_MAIL_FROM"},
		{"a path", map[string]string{"PORTAL_BASE_URL": "https://example.org/portail"}, "PORTAL_BASE_URL"},
		{"a query", map[string]string{"PORTAL_BASE_URL": "https://example.org?a=b"}, "PORTAL_BASE_URL"},
		{"a password", map[string]string{"PORTAL_BASE_URL": "https://moi:secret@example.org"}, "PORTAL_BASE_URL"},
		{"no scheme", map[string]string{"PORTAL_BASE_URL": "example.org"}, "PORTAL_BASE_URL"},
		{"another scheme", map[string]string{"PORTAL_BASE_URL": "javascript://example.org"}, "PORTAL_BASE_URL"},
		{"a final slash", map[string]string{"PORTAL_BASE_URL": "https://example.org/"}, ""},
		{"fewer than no proxy", map[string]string{"PORTAL_TRUSTED_PROXIES": "-1"}, "PORTAL_TRUSTED_PROXIES"},
		{"proxies by name", map[string]string{"PORTAL_TRUSTED_PROXIES": "10.0.0.0/8"}, "PORTAL_TRUSTED_PROXIES"},
	} {
		env := map[string]string{}
		if c.set != nil {
			for k, v := range production {
				env[k] = v
			}
		}
		for k, v := range c.set {
			env[k] = v
		}
		_, err := readConfig(func(name string) string { return env[name] })
		switch {
		case (err != nil) != (c.refuse != ""):
			t.Errorf("%s: %v", c.name, err)
		case err != nil && (!strings.Contains(err.Error(), c.refuse) || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret")):
			t.Errorf("%s: %q; want one line about %s, and no secret", c.name, err, c.refuse)
		}
	}
}
