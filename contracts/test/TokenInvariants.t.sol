// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernanceOpen} from "../token/IGovernanceOpen.sol";
import {IOpenToken} from "../token/IOpenToken.sol";
import {IWrappedOpen} from "../token/IWrappedOpen.sol";
import {OpenToken} from "../token/OpenToken.sol";
import {Authorizing} from "./support/Authorizing.sol";
import {Invariants} from "./support/Invariants.sol";

/// Drives OPEN, gOPEN and WOPEN at random: transfers, burns, signatures and their replays, wrapping, delegation, gifts.
contract TokenHandler is Authorizing {
    OpenToken internal token;
    IGovernanceOpen internal votes;
    IWrappedOpen internal wrapped;
    uint256[3] internal keys = [0xA11CE, 0xB0B, 0xCA401];
    address[3] internal actors;
    mapping(address account => mapping(bytes32 nonce => bytes32)) internal uses;
    uint256 public burntWei;
    uint256 public givenWei; // to the votes wrapper, without wrapping

    constructor() payable {}

    function start() external {
        vm.warp(1_000_000);
        token = OpenToken(deployed("OpenToken", abi.encode(address(this))));
        votes = IGovernanceOpen(deployed("GovernanceOpen", abi.encode(token)));
        wrapped = IWrappedOpen(deployed("WrappedOpen", ""));
        for (uint256 i; i < 3; ++i) {
            actors[i] = vm.addr(keys[i]);
            token.transfer(actors[i], 3e26);
            vm.prank(actors[i]);
            token.approve(address(votes), type(uint256).max);
        }
    }

    function transfer(uint256 from, uint256 to, uint256 amountWei) external {
        amountWei = bound(amountWei, 0, token.balanceOf(actors[from % 3]));
        vm.prank(actors[from % 3]);
        token.transfer(actors[to % 3], amountWei);
    }

    function burn(uint256 from, uint256 amountWei) external {
        amountWei = bound(amountWei, 0, token.balanceOf(actors[from % 3]) / 100);
        vm.prank(actors[from % 3]);
        token.burn(amountWei);
        burntWei += amountWei;
    }

    /// One of a few nonces, so that many are spent; by a random form; sometimes cancelled.
    function authorize(uint256 seed, uint256 value) external {
        uint256 key = keys[seed % 3];
        address from = vm.addr(key);
        bytes32 nonce = bytes32((seed >> 8) % 8);
        uint256 kind = (seed >> 16) % (KINDS + 1);
        bool spent = uses[from][nonce] != 0;
        bytes32 domain = token.DOMAIN_SEPARATOR();
        if (kind == KINDS) {
            bytes32 message = keccak256(abi.encode(CANCEL_TYPEHASH, from, nonce));
            try token.cancelAuthorization(from, nonce, signed(key, domain, message)) {
                require(!spent, "a spent nonce was cancelled");
                uses[from][nonce] = bytes32(uint256(1));
            } catch {
                require(spent, "a nonce could not be cancelled");
            }
            return;
        }
        value = bound(value, 0, token.balanceOf(from));
        address to = actors[(seed >> 24) % 3];
        Authorization memory a = Authorization(from, to, value, block.timestamp - 1, block.timestamp + 1, nonce);
        uint256 beforeWei = token.balanceOf(to);
        try this.send(kind, a, signed(key, domain, useOf(kind, a))) {
            require(!spent, "a nonce was used twice");
            equal(token.balanceOf(to), to == from ? beforeWei : beforeWei + value, "moved");
            uses[from][nonce] = useOf(kind, a);
        } catch {
            require(spent, "a good authorisation was refused");
            equal(token.balanceOf(to), beforeWei, "not moved");
        }
    }

    function send(uint256 kind, Authorization memory a, bytes memory signature) external {
        vm.prank(a.to);
        carryOut(IOpenToken(address(token)), kind, a, signature);
    }

    function wrap(uint256 from, uint256 to, uint256 amountWei) external {
        amountWei = bound(amountWei, 0, token.balanceOf(actors[from % 3]));
        vm.prank(actors[from % 3]);
        votes.depositFor(actors[to % 3], amountWei);
    }

    function unwrap(uint256 from, uint256 to, uint256 amountWei) external {
        amountWei = bound(amountWei, 0, votes.balanceOf(actors[from % 3]));
        vm.prank(actors[from % 3]);
        votes.withdrawTo(actors[to % 3], amountWei);
    }

    function moveVotes(uint256 from, uint256 to, uint256 amountWei) external {
        amountWei = bound(amountWei, 0, votes.balanceOf(actors[from % 3]));
        vm.prank(actors[from % 3]);
        votes.transfer(actors[to % 3], amountWei);
    }

    /// To an actor or, now and then, to nobody.
    function delegate(uint256 from, uint256 to) external {
        vm.prank(actors[from % 3]);
        votes.delegate(to % 4 == 3 ? address(0) : actors[to % 4]);
    }

    function giveToWrapper(uint256 from, uint256 amountWei) external {
        amountWei = bound(amountWei, 0, token.balanceOf(actors[from % 3]) / 100);
        vm.prank(actors[from % 3]);
        token.transfer(address(votes), amountWei);
        givenWei += amountWei;
    }

    function depositGas(uint256 to, uint256 amountWei) external {
        amountWei = bound(amountWei, 0, address(this).balance);
        wrapped.deposit{value: amountWei}();
        IOpenToken(address(wrapped)).transfer(actors[to % 3], amountWei);
    }

    function withdrawGas(uint256 from, uint256 amountWei) external {
        address account = actors[from % 3];
        amountWei = bound(amountWei, 0, IOpenToken(address(wrapped)).balanceOf(account));
        uint256 beforeWei = account.balance;
        vm.prank(account);
        wrapped.withdraw(amountWei);
        equal(account.balance, beforeWei + amountWei, "paid in gas token");
    }

    function wait_(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 1 days));
    }

    // For the invariants

    function supplyWei() external view returns (uint256 totalWei, uint256 sumWei) {
        sumWei = token.balanceOf(address(this)) + token.balanceOf(address(votes));
        for (uint256 i; i < 3; ++i) sumWei += token.balanceOf(actors[i]);
        return (token.totalSupply(), sumWei);
    }

    function wrappedWei() external view returns (uint256 totalWei, uint256 heldWei) {
        return (votes.totalSupply(), token.balanceOf(address(votes)));
    }

    function votesWei() external view returns (uint256 countedWei, uint256 delegatedWei) {
        for (uint256 i; i < 3; ++i) {
            countedWei += votes.getVotes(actors[i]);
            if (votes.delegates(actors[i]) != address(0)) delegatedWei += votes.balanceOf(actors[i]);
        }
    }

    function gasWei() external view returns (uint256 totalWei, uint256 heldWei) {
        return (IOpenToken(address(wrapped)).totalSupply(), address(wrapped).balance);
    }

    function checkUses() external view {
        for (uint256 i; i < 3; ++i) {
            for (uint256 nonce; nonce < 8; ++nonce) {
                bytes32 use = uses[actors[i]][bytes32(nonce)];
                equal(token.authorizationUse(actors[i], bytes32(nonce)), use, "use");
                require(token.authorizationState(actors[i], bytes32(nonce)) == (use != 0), "state");
            }
        }
    }
}

contract TokenInvariants is Invariants {
    TokenHandler internal handler;

    function setUp() public {
        handler = new TokenHandler{value: 1e24}();
        handler.start();
        bytes4[] memory selectors = new bytes4[](11);
        selectors[0] = TokenHandler.transfer.selector;
        selectors[1] = TokenHandler.burn.selector;
        selectors[2] = TokenHandler.authorize.selector;
        selectors[3] = TokenHandler.wrap.selector;
        selectors[4] = TokenHandler.unwrap.selector;
        selectors[5] = TokenHandler.moveVotes.selector;
        selectors[6] = TokenHandler.delegate.selector;
        selectors[7] = TokenHandler.giveToWrapper.selector;
        selectors[8] = TokenHandler.depositGas.selector;
        selectors[9] = TokenHandler.withdrawGas.selector;
        selectors[10] = TokenHandler.wait_.selector;
        target(address(handler), selectors);
    }

    function invariant_OnlyBurningChangesTheSupplyAndBalancesSumToIt() public view {
        (uint256 totalWei, uint256 sumWei) = handler.supplyWei();
        equal(totalWei, 1e27 - handler.burntWei(), "supply");
        equal(sumWei, totalWei, "balances");
    }

    function invariant_WrappedVotesAreTheOpenThatWasWrapped() public view {
        (uint256 totalWei, uint256 heldWei) = handler.wrappedWei();
        equal(totalWei, heldWei - handler.givenWei(), "wrapped");
    }

    function invariant_VotesAreNeitherMadeNorLost() public view {
        (uint256 countedWei, uint256 delegatedWei) = handler.votesWei();
        equal(countedWei, delegatedWei, "votes");
    }

    function invariant_WrappedGasIsTheGasHeld() public view {
        (uint256 totalWei, uint256 heldWei) = handler.gasWei();
        equal(totalWei, heldWei, "gas");
    }

    function invariant_ANonceKeepsWhatItWasSpentOn() public view {
        handler.checkUses();
    }
}
