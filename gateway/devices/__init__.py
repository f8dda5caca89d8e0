"""What printers and scanners share: where a device may be, how it is opened, who has it."""
