package rules

import "sshforum/forum/limit"

// Reconfigure changes what a service was made with, which nothing else does.
func Reconfigure(s *Service, set func(*Config)) { set(&s.cfg) }

// ConfigOf returns what a service was made with.
func ConfigOf(s *Service) Config { return s.cfg }

// ChangeKinds returns the kinds of changes there are, each with the activity whose pace it is subject to.
func ChangeKinds() map[string]limit.Activity {
	kinds := make(map[string]limit.Activity)
	for name, k := range changeKinds.byName {
		kinds[name] = k.activity
	}
	return kinds
}
