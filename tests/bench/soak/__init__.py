"""How fast is too fast: forced failovers and hard load, for each `advert_int` that is offered as a choice.

- `failovers`: one fault after the other, each waited for and repaired; what the client noticed
- `load`: what the servers do meanwhile, and what nobody asked for
- `report`: the figures as a table and as JSON
"""
