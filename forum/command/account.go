package command

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"

	"sshforum/forum"
)

func whoAmI(_ context.Context, c *Call) (Result, error) {
	u, err := c.Service.Account(c.Actor)
	if err != nil {
		return nil, err
	}
	keys, err := c.Service.Keys(c.Actor)
	if err != nil {
		return nil, err
	}
	has, err := c.Service.HasPassword(c.Actor)
	return Identity{User: u, Door: c.Actor.Door, Password: has, Keys: len(keys)}, err
}

func set(ctx context.Context, c *Call) (Result, error) {
	p, err := c.Service.Preferences(c.Actor)
	if err != nil || !c.Args.Has("setting") {
		return Settings{p}, err
	}
	value := strings.ToLower(c.Args.Word("value"))
	switch setting := strings.ToLower(c.Args.Word("setting")); {
	case setting == "plain" && (value == "on" || value == "off"):
		p.Plain = value == "on"
	case setting == "color" && (value == "on" || value == "off"):
		p.Color = value
	case setting == "color" && value == "auto":
		p.Color = ""
	default:
		return nil, c.Args.Errorf("use: SET plain on|off, or SET color auto|on|off")
	}
	p, err = c.Service.SetPreferences(ctx, c.Actor, p)
	return Settings{p}, err
}

func changePassword(ctx context.Context, c *Call) (Result, error) {
	has, err := c.Service.HasPassword(c.Actor)
	if err != nil {
		return nil, err
	}
	var old string
	if has {
		if old, err = c.Door.Ask(ctx, "Present password: ", true); err != nil {
			return nil, err
		}
	}
	password, err := c.Door.Ask(ctx, "New password: ", true)
	if err != nil {
		return nil, err
	}
	again, err := c.Door.Ask(ctx, "New password again: ", true)
	if err != nil {
		return nil, err
	}
	if password != again {
		return nil, forum.Errorf(forum.Invalid, "The two new passwords differ; the password was not changed.")
	}
	return PasswordChanged{}, c.Service.ChangePassword(ctx, c.Actor, old, password)
}

func keys(ctx context.Context, c *Call) (Result, error) {
	switch c.Args.Choice() {
	case "add":
		return addKey(ctx, c)
	case "remove":
		return removeKey(ctx, c)
	}
	if c.Args.Rest() != "" {
		return nil, c.Args.Errorf("list takes no key")
	}
	list, err := c.Service.Keys(c.Actor)
	return KeyList{list}, err
}

func addKey(ctx context.Context, c *Call) (Result, error) {
	line := c.Args.Rest()
	if line == "-" {
		var err error
		if line, err = firstLine(c.Door.In()); err != nil {
			return nil, err
		}
	}
	if line == "" {
		return nil, c.Args.Errorf("key is missing: give the line of your .pub file")
	}
	k, err := forum.ParseKey(line)
	if err != nil {
		return nil, err
	}
	k, err = c.Service.AddKey(ctx, c.Actor, k)
	return KeyAdded{k}, err
}

func removeKey(ctx context.Context, c *Call) (Result, error) {
	list, err := c.Service.Keys(c.Actor)
	if err != nil {
		return nil, err
	}
	word := c.Args.Rest()
	for i, k := range list {
		if word == strconv.Itoa(i+1) || word == k.Fingerprint() {
			k, err := c.Service.RemoveKey(ctx, c.Actor, k.Blob)
			return KeyRemoved{k}, err
		}
	}
	if word == "" {
		return nil, c.Args.Errorf("key is missing: give its number or fingerprint from KEYS list")
	}
	return nil, forum.Errorf(forum.NotFound, "You have no key %s; KEYS list shows them.", forum.Printable(word))
}

// firstLine reads the first line that is not blank.
func firstLine(r io.Reader) (string, error) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			return line, nil
		}
	}
	return "", lines.Err()
}
