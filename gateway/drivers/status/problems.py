"""What can be wrong with a printer, in words for people: kind to sentence and cure.

The same trouble has the same words whatever language the printer speaks.

>>> PROBLEMS["head_open"].cure
'Close the lid until it clicks.'
"""

from __future__ import annotations

from gateway.printers import Problem

PROBLEMS: dict[str, Problem] = {
    problem.kind: problem
    for problem in (
        Problem("paper_out", "Paper is out.", "Load labels, close the lid, press Feed."),
        Problem("ribbon_out", "The ribbon is out.", "Load a ribbon, close the lid, press Feed."),
        Problem("head_open", "The lid is open.", "Close the lid until it clicks."),
        Problem("paused", "The printer is paused.", "Press Pause on the printer."),
        Problem("label_waiting", "A label waits at the peeler.", "Take the label off."),
        Problem(
            "head_too_hot", "The print head is too hot.", "Wait until it has cooled down.",
        ),
        Problem(
            "head_too_cold", "The print head is too cold.", "Warm the room above 5 °C.",
            stops=False,
        ),
        Problem(
            "memory_lost", "The printer has lost its settings.",
            "Calibrate it, and check darkness and media type.",
        ),
        Problem("cutter_fault", "The cutter is stuck.", "Free the cutter, press Pause."),
        Problem("motor_too_hot", "The motor is too hot.", "Wait until it has cooled down."),
        Problem(
            "head_element_bad", "A dot of the print head is broken.",
            "Print a test label, and replace the head when codes do not scan.", stops=False,
        ),
        Problem(
            "head_not_detected", "The print head is not found.",
            "Switch the printer off, seat the head's cable, switch it on.",
        ),
        Problem(
            "firmware_settings", "The firmware's settings do not fit the printer.",
            "Load the factory settings at the printer.",
        ),
        Problem(
            "thermistor_open", "The print head's temperature sensor is broken.",
            "Have the print head replaced.",
        ),
        Problem("jam_in_retract", "Paper is jammed in the presenter.", "Pull the paper out."),
        Problem(
            "presenter_stopped", "The presenter does not turn.", "Free the presenter, press Feed."
        ),
        Problem("paper_feed", "Paper does not move.", "Load the labels again, press Feed."),
        Problem("path_not_clear", "The paper path is blocked.", "Take out the paper that is left."),
        Problem(
            "retract_timeout", "The presenter could not pull the label back.",
            "Take the label out.",
        ),
        Problem(
            "mark_calibration", "The black mark could not be measured.",
            "Calibrate the printer for this stock.",
        ),
        Problem(
            "mark_not_found", "The black mark or gap is not found.",
            "Check that the loaded stock is the one that is set, and calibrate.",
        ),
        Problem(
            "calibration_needed", "The stock needs to be calibrated.",
            "Hold Feed, or calibrate from the printer's menu.", stops=False,
        ),
        Problem(
            "clean_head", "The print head needs cleaning.",
            "Clean it with alcohol when the roll is changed.", stops=False,
        ),
        Problem(
            "replace_head", "The print head is worn.", "Order a print head.", stops=False
        ),
        Problem("battery_low", "The battery is low.", "Charge the battery.", stops=False),
        Problem("paper_near_end", "Paper is nearly out.", "Have a new roll ready.", stops=False),
        Problem("paper_jam", "Paper is jammed.", "Open the lid, free the paper, press Feed."),
        Problem("ribbon_jam", "The ribbon is jammed.", "Wind the ribbon anew, press Feed."),
        Problem(
            "ribbon_near_end", "The ribbon is nearly out.", "Have a new ribbon ready.", stops=False
        ),
        Problem(
            "memory_full", "The printer's memory is full.",
            "Switch the printer off and on, and print smaller pictures.",
        ),
        Problem(
            "not_understood", "The printer did not understand a command.",
            "Check that its language and model are set rightly.", stops=False,
        ),
        Problem("printer_error", "The printer reports an error.", "Look at what it shows."),
    )
}  # fmt: skip
"""What a printer's flags mean and what to do."""
