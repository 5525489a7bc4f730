package jsonchat

import "testing"

// TestReplacedPeer has a connection end after its person has come back by another.
func TestReplacedPeer(t *testing.T) {
	var p peers
	before, now := peer{user: 1, port: 40001}, peer{user: 1, port: 40002}
	p.put(&before)
	p.put(&now)
	p.remove(&before)
	if one, here := p.find(1); !here || one != now {
		t.Errorf("found %+v, %v", one, here)
	}
	p.remove(&now)
	if one, here := p.find(1); here {
		t.Errorf("found %+v, who has left", one)
	}
}
