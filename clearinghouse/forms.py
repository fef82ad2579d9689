"""Shape of what a person notes about a file."""

from django import forms

from clinic.errors import ClinicError


class ConfirmForm(forms.Form):
    """Who said so, and when: the proof that nothing was sent twice."""

    reason = forms.CharField(label="Who confirmed it, and how", min_length=5, max_length=300)

    def reason_given(self) -> str:
        if not self.is_valid():
            raise ClinicError("Note who confirmed it and how, such as a name and a reference number.", field="reason")
        return str(self.cleaned_data["reason"])
