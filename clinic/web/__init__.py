"""The front door's ground: what every office's pages and API stand on.

A page: `@may("claim.correct")` on a function view, `page(request, template, context)`; a part of it
`part(request, "billing/_lines.html", context)`; done: `go_to(request, row or URL name, say="Saved.")`.
`form_for(request, Form)` binds what was posted, or what had been typed when a rule said no. No view catches
ClinicError. Money and booking forms: `@once_token` below `@may` and `{% once_token %}` in the form.
A view over patients' rows calls `clinic.audit.viewed(request, ids, why)`. A view the page asks again by itself is
marked `@poll`. Panels: name the view's URL in clinic/web/panels.py and answer with `part`.
An API: viewsets with `acts = {"list": "claim.view", ...}`; see clinic/web/rest.py.
"""
